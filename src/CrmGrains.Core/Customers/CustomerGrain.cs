using System.Diagnostics;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Customers;

/// <summary>One customer: takes in what sources say, decides what shall be done about it, and keeps what the CRM calls the contact.</summary>
public static class CustomerGrain
{
    /// <summary>One turn.</summary>
    public static Turn<CustomerState> Handle(CustomerState state, Message message, TurnContext context) => message switch
    {
        Message.EventReceived { Event: { } received } m => Received(state, received, m, context),
        Message.CommandCompleted m => Completed(state, m.Result),
        _ => throw new UnreachableException($"A customer has no turn for {message.Name}."),
    };

    private static Turn<CustomerState> Received(CustomerState state, ContractEvent received, Message.EventReceived message, TurnContext context)
    {
        var effects = new List<Effect>();
        var decision = new Decision { Outcome = "record", Match = message.Match, Validation = message.Validation };
        var mark = new Watermark(received.OccurredAt, received.SourceRank, received.EventId, received.Revision ?? 0);
        var events = message.IsRepeat == true ? state.Events : state.Events + 1;
        if (message.ContextOnly is { } reason)
        {
            var taken = FieldSet.Merge(state.Fields, CustomerFields.Said(received, null), mark);
            return new(
                state with { Fields = taken.Fields, Emails = WithEmail(state.Emails, received.Contact.Email), Events = events },
                decision with
                {
                    Outcome = "context",
                    Reason = reason,
                    Changed = taken.Changed,
                    Stale = taken.Stale.Count == 0 ? null : taken.Stale,
                },
                effects);
        }

        if (received.EventType == EventType.LeadSubmitted)
        {
            var (routing, conditions) = LeadRules.Judge(context.Workspace, received);
            decision = decision with
            {
                Routing = routing,
                Conditions = conditions,
                Validation = message.Validation with { RoutingTierValid = routing.RoutingTier is not null },
            };
            if (routing.RoutingTier is null)
            {
                effects.Add(new Effect.OpenReview(
                    $"routing/{received.EventId}", "routing_tier_invalid",
                    "No routing rule holds for this lead, so nothing was written. Add a rule for it, then replay the event."));
                return new(state with { Events = events }, decision with { Outcome = "review", Reason = "No routing rule holds." }, effects);
            }
        }

        var merge = FieldSet.Merge(state.Fields, CustomerFields.Said(received, decision.Routing), mark);
        var next = state with { Fields = merge.Fields, Emails = WithEmail(state.Emails, received.Contact.Email), Events = events };
        if (decision.Routing is not null && next.Emails.Count == 0)
        {
            effects.Add(new Effect.OpenReview(
                $"email/{received.EventId}", "email_missing",
                "The CRM finds contacts by address and this lead has none, so nothing was written. Find the address, then replay the event."));
            return new(next, decision with { Outcome = "review", Reason = "The lead has no address.", Changed = merge.Changed }, effects);
        }

        if (message.Replay is not null && decision.Routing is not null)
        {
            effects.Add(new Effect.CloseReview($"routing/{received.EventId}", "replayed"));
            effects.Add(new Effect.CloseReview($"email/{received.EventId}", "replayed"));
        }

        var plan = new CustomerPlan(context, received, mark, message.Replay, effects);

        next = plan.WriteContact(next, merge.Changed);
        next = plan.TellCompany(next, merge.Changed);
        if (decision.Routing is { TargetPipeline: { } pipeline } route)
            next = plan.TellDeal(next, pipeline, route);
        plan.WriteNote(next, decision.Routing);
        next = plan.CreateTasks(next);

        return new(next, decision with
        {
            Outcome = decision.Routing is not null ? "route" : state.Events == 0 ? "create" : "update",
            Plan = plan.Steps,
            Changed = merge.Changed,
            Stale = merge.Stale.Count == 0 ? null : merge.Stale,
        }, effects);
    }

    private static Turn<CustomerState> Completed(CustomerState state, CommandResult result)
    {
        var next = result is { Object: CrmObject.Contact, CrmId: { } id } ? state with { ContactId = id } : state;
        return new(next, CommandDecision.Of(result), CommandDecision.Reviews(result));
    }

    private static IReadOnlyList<string> WithEmail(IReadOnlyList<string> emails, string? email) =>
        email is null || emails.Contains(email, StringComparer.Ordinal) ? emails : [.. emails.Append(email).Order(StringComparer.Ordinal)];
}
