using System.Diagnostics;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Business;

/// <summary>
/// The business itself, by the system that tells of it: events that are about no customer, such as an automation that failed, come here where
/// a playbook is for them. It knows nothing about anybody; of a customer's state it has the open questions and what was asked for once.
/// </summary>
public static class BusinessGrain
{
    /// <summary>The grain that an event about nobody goes to.</summary>
    public static GrainId Of(ContractEvent received) => GrainId.Of(received.Workspace, GrainKind.Business, received.SourceSystem);

    /// <summary>One turn.</summary>
    public static Turn<CustomerState> Handle(CustomerState state, Message message, TurnContext context) => message switch
    {
        Message.EventReceived { Event: { } received } m => Received(state, received, m, context),
        Message.CommandCompleted { Result: var result } => new(state, CommandDecision.Of(result), CommandDecision.Reviews(result)),
        Message.TimerFired m => CustomerSequences.Fired(state, m, context),
        Message.ReviewAnswered m => CustomerProposals.Answered(state, m, context),
        _ => throw new UnreachableException($"The business has no turn for {message.Name}."),
    };

    private static Turn<CustomerState> Received(CustomerState state, ContractEvent received, Message.EventReceived message, TurnContext context)
    {
        var decision = new Decision { Outcome = "record", Match = message.Match, Validation = message.Validation };
        if (message.ContextOnly is { } reason)
            return new(state, decision with { Outcome = "context", Reason = reason }, []);

        var (effects, conditions) = (new List<Effect>(), new List<ConditionTrace>());
        var mark = new Watermark(received.OccurredAt, received.SourceRank, received.EventId, received.Revision ?? 0);
        var actions = new CustomerActions(context, effects);
        var (wanted, beginning) = CustomerPlaybooks.Wanted(received, message, mark, null, conditions, context);
        var next = wanted.Aggregate(state, actions.Ask);
        var sequences = new CustomerSequences(context, effects);
        next = sequences.Follow(next, received, beginning, message.Match, mark, message.IsRepeat == true);
        return new(next, decision with
        {
            Conditions = conditions.Count == 0 ? null : conditions,
            Plan = actions.Steps.Count == 0 ? null : actions.Steps,
            Actions = actions.Traces.Count == 0 ? null : actions.Traces,
            Sequences = sequences.Traces.Count == 0 ? null : sequences.Traces,
        }, effects);
    }
}
