using CrmGrains.Core.Configuration;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Customers;

/// <summary>The actions that the workspace's playbooks ask for because of one event, in the order of the file.</summary>
internal static class CustomerPlaybooks
{
    /// <summary>What the playbooks ask for, and those that begin a sequence. Follows from the event and the configuration alone.</summary>
    /// <param name="received">The event.</param>
    /// <param name="message">How it came.</param>
    /// <param name="mark">Of the event.</param>
    /// <param name="routing">What the lead rules made of it; null where it is no lead.</param>
    /// <param name="conditions">Takes every condition with the value that it saw.</param>
    /// <param name="context">Of the turn.</param>
    public static (IReadOnlyList<WantedAction> Actions, IReadOnlyList<PlaybookConfiguration> Beginning) Wanted(
        ContractEvent received, Message.EventReceived message, Watermark mark, Routing? routing, List<ConditionTrace> conditions, TurnContext context)
    {
        var playbooks = context.Workspace.PlaybookIndex.On(received.EventType);
        if (playbooks.Count == 0)
            return ([], []);
        var facts = ActionFacts.Of(received, routing, playbooks.SelectMany(playbook => playbook.FactNames));
        var (wanted, beginning) = (new List<WantedAction>(), new List<PlaybookConfiguration>());
        foreach (var (playbook, _, actions) in playbooks)
        {
            if (!Asked($"playbooks.{playbook.Name}", playbook.When, facts, conditions))
                continue;
            if (playbook.Sequence is not null)
                beginning.Add(playbook);
            foreach (var (rule, step) in actions)
            {
                if (Asked($"playbooks.{playbook.Name}.{rule.Name}", rule.When, facts, conditions))
                    wanted.Add(new WantedAction
                    {
                        Rule = rule,
                        From = playbook.Name,
                        EventId = received.EventId,
                        Step = step,
                        At = received.OccurredAt,
                        Mark = mark,
                        Reason = $"The playbook {playbook.Name} asks for it because of {received.EventType}.",
                        Match = message.Match,
                        Facts = facts,
                        Context = playbook.Context,
                        Questions = playbook.Questions,
                        Source = SourceOf(received),
                    });
            }
        }

        return (wanted, beginning);
    }

    /// <summary>The first lines of every note: which event it is from.</summary>
    public static IReadOnlyList<NoteLine> SourceOf(ContractEvent received) =>
    [
        new("Source event", received.EventId.ToString()),
        new("Source record", $"{received.SourceSystem} {received.SourceRecordId}"),
        new("Correlation", received.CorrelationId),
    ];

    private static bool Asked(string rule, Condition when, IReadOnlyDictionary<string, FieldValue> facts, List<ConditionTrace> conditions) =>
        when.Holds(facts, (compare, value, answer) => conditions.Add(new ConditionTrace(rule, compare.Asked, Shown(value), answer)));

    // A transcript that was looked through for a word doesn't belong into every trace.
    private static string? Shown(FieldValue? value) => value?.ToString() is not { } text ? null : text.Length <= 200 ? text : $"{text.Length} characters";
}
