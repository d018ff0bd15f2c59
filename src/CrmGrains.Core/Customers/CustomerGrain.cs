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
        Message.EventReceived { Event: not null } m when state.MergedInto is { } merged => PassedOn(state, m, merged),
        Message.EventReceived { Event: { } received } m => Received(state, received, m, context),
        Message.CommandCompleted m => Completed(state, m.Result),
        Message.UndoWanted m => CustomerUndo.Wanted(state, m, context),
        Message.TimerFired m => CustomerSequences.Fired(state, m, context),
        Message.ReviewAnswered m => CustomerProposals.Answered(state, m, context),
        Message.CustomerMerged m => CustomerMerging.Merged(state, m, context),
        Message.MergeUndone m => CustomerMerging.Undone(state, m, context),
        Message.CustomerAbsorbed m => CustomerMerging.Absorbed(state, m, context),
        Message.CustomerReleased m => CustomerMerging.Released(state, m, context),
        _ => throw new UnreachableException($"A customer has no turn for {message.Name}."),
    };

    private static Turn<CustomerState> Received(CustomerState state, ContractEvent received, Message.EventReceived message, TurnContext context)
    {
        var effects = new List<Effect>();
        var isRepeated = message.IsRepeat == true || IsRepeated(state.Fields, received.EventId);
        var events = isRepeated ? state.Events : state.Events + 1;
        var decision = new Decision
        {
            Outcome = "record", Match = message.Match, Validation = message.Validation, Repeated = isRepeated ? true : null,
        };
        var mark = new Watermark(received.OccurredAt, received.SourceRank, received.EventId, received.Revision ?? 0);
        if (message.ContextOnly is { } reason)
            return CustomerContext.Taken(state with { Events = events }, received, mark, decision with { Outcome = "context", Reason = reason }, context);
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

        var asked = new List<ConditionTrace>(decision.Conditions ?? []);
        var (wanted, beginning) = CustomerPlaybooks.Wanted(received, message, mark, decision.Routing, asked, context);
        var actions = new CustomerActions(context, effects);
        var (before, words, left) = SetFields(state, wanted, actions);
        var merge = FieldSet.Merge(before.Fields, CustomerFields.Said(received, decision.Routing), mark);
        IReadOnlyList<string> changed = words.Count == 0 ? merge.Changed : [.. merge.Changed.Union(words.Keys, StringComparer.Ordinal)];
        decision = decision with
        {
            Changed = changed, Stale = merge.Stale.Count == 0 ? null : merge.Stale, Conditions = asked.Count == 0 ? null : asked,
        };
        var emails = EmailsOf(received.Contact);
        var next = state with { Fields = merge.Fields, Emails = Names.Union(state.Emails, emails), Events = events };
        if (context.Workspace.Sequences.Count > 0)
        {
            var sequences = new CustomerSequences(context, effects);
            next = sequences.Follow(next, received, beginning, message.Match, mark, isRepeated);
            decision = decision with { Sequences = sequences.Traces.Count == 0 ? null : sequences.Traces };
        }

        if (decision.Routing is not null && next.Emails.Count == 0)
        {
            effects.Add(new Effect.OpenReview(
                $"email/{received.EventId}", "email_missing",
                "The CRM finds contacts by address and this lead has none, so nothing was written. Find the address, then replay the event."));
            return new(Owned(state, next), decision with { Outcome = "review", Reason = "The lead has no address." }, effects);
        }

        if (message.Replay is not null && decision.Routing is not null)
        {
            effects.Add(new Effect.CloseReview($"routing/{received.EventId}", "replayed"));
            effects.Add(new Effect.CloseReview($"email/{received.EventId}", "replayed"));
        }

        var plan = new CustomerPlan(context, received, mark, message.Replay, effects);

        next = plan.WriteContact(next, changed, left.Any(action => action.Rule.NeedsContact));
        next = plan.TellCompanies(next);
        next = plan.TellDeals(next, changed, decision.Routing);
        next = plan.WriteNote(next, decision.Routing);
        next = left.Aggregate(next, actions.Ask);
        next = WaitingCommands.Release(next, context.Grain, effects);

        return new(Owned(state, next), decision with
        {
            Outcome = decision.Routing is not null ? "route" : state.Events == 0 ? "create" : "update",
            Plan = [.. plan.Steps, .. actions.Steps],
            Actions = actions.Traces.Count == 0 ? null : actions.Traces,
        }, effects);

        CustomerState Owned(CustomerState earlier, CustomerState after) => earlier.Own is not { } own ? after : after with
        {
            Own = (own with { Fields = FieldSet.Merge(own.Fields, words).Fields })
                .After(CustomerFields.Said(received, decision.Routing), mark, emails, earlier, after),
        };
    }

    // What a playbook sets under the event's mark counts before what the event says of the same field.
    private static (CustomerState State, IReadOnlyDictionary<string, Field> Words, IReadOnlyList<WantedAction> Left) SetFields(
        CustomerState state, IReadOnlyList<WantedAction> wanted, CustomerActions actions)
    {
        if (!wanted.Any(action => action.Rule.SetsFields))
            return (state, FieldSet.Empty, wanted);
        var (words, left) = (new SortedDictionary<string, Field>(StringComparer.Ordinal), new List<WantedAction>());
        foreach (var action in wanted)
        {
            (state, var set) = actions.Set(state, action);
            if (set is null)
                left.Add(action);
            foreach (var (name, field) in set ?? FieldSet.Empty)
                words.TryAdd(name, field);
        }

        return (state, words, left);
    }

    // Events that were under way when the customer was merged, and those of sources that know no better.
    private static Turn<CustomerState> PassedOn(CustomerState state, Message.EventReceived message, StandingMerge merged) => new(
        state,
        new Decision
        {
            Outcome = Decision.PassedOn, Match = message.Match, Validation = message.Validation,
            Reason = $"The customer was merged into {merged.Into.Key}, who is told instead.",
        },
        [new Effect.Send(merged.Into, message)]);

    private static Turn<CustomerState> Completed(CustomerState state, CommandResult result)
    {
        var next = result is { Object: CrmObject.Contact, CrmId: { } id } ? state with { ContactId = id } : state;
        return new(next, CommandDecision.Of(result), CommandDecision.Reviews(result));
    }

    internal static IReadOnlyList<string> EmailsOf(ContactFacts contact) =>
        contact switch
        {
            { SecondaryEmails: { Count: > 0 } others } => contact.Email is { } email ? [email, .. others] : others,
            { Email: { } email } => [email],
            _ => [],
        };

    private static bool IsRepeated(IReadOnlyDictionary<string, Field> fields, Guid eventId)
    {
        foreach (var (_, field) in fields)
        {
            if (field.Mark.EventId == eventId)
                return true;
        }

        return false;
    }
}
