using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;

namespace CrmGrains.Core.Decisions;

/// <summary>A lead judged once more, as it is and as it would be with some facts changed.</summary>
public sealed record WhatIf
{
    /// <summary>What is supposed.</summary>
    public required IReadOnlyList<FactChange> Changes { get; init; }

    /// <summary>How the lead is judged as it is.</summary>
    public required Judgment Before { get; init; }

    /// <summary>How it would be judged.</summary>
    public required Judgment After { get; init; }

    /// <summary>Conditions that saw something else, were answered differently, or are asked in one of the two only.</summary>
    public required IReadOnlyList<ConditionChange> Conditions { get; init; }

    /// <summary>Judges a lead twice under the same rules.</summary>
    /// <param name="workspace">The rules.</param>
    /// <param name="lead">The lead as it came.</param>
    /// <param name="supposed">Facts by name, of <see cref="Facts.OfLeads"/>; null: missing. In this order.</param>
    public static WhatIf Of(WorkspaceConfiguration workspace, ContractEvent lead, IReadOnlyList<KeyValuePair<string, FieldValue?>> supposed)
    {
        var (facts, then, age) = (Facts.Of(lead), Facts.Of(lead), LeadRules.AgeOf(lead));
        List<FactChange> changes = [.. supposed.Select(each => new FactChange(each.Key, facts.GetValueOrDefault(each.Key), each.Value))];
        foreach (var change in changes)
            Facts.Suppose(then, change.Field, change.To);

        var (before, conditionsBefore) = LeadRules.Judge(workspace, facts, age);
        var (after, conditionsAfter) = LeadRules.Judge(workspace, then, age);
        return new WhatIf
        {
            Changes = changes,
            Before = Judgment.Of(workspace, facts, before),
            After = Judgment.Of(workspace, then, after),
            Conditions = Differences(conditionsBefore, conditionsAfter),
        };
    }

    private static List<ConditionChange> Differences(IReadOnlyList<ConditionTrace> before, IReadOnlyList<ConditionTrace> after)
    {
        var then = Numbered(after).ToDictionary(each => each.Key, each => each.Trace);
        var changes = new List<ConditionChange>();
        foreach (var (key, trace) in Numbered(before))
        {
            then.Remove(key, out var other);
            if (trace != other)
                changes.Add(new ConditionChange(trace.Rule, trace.Condition, trace, other));
        }

        // What only the second asked comes in its own order.
        changes.AddRange(Numbered(after).Where(each => then.ContainsKey(each.Key)).Select(each => new ConditionChange(each.Trace.Rule, each.Trace.Condition, null, each.Trace)));
        return changes;
    }

    // A rule may ask the same twice, and two routing rules may have the same tier.
    private static IEnumerable<((string, string, int) Key, ConditionTrace Trace)> Numbered(IReadOnlyList<ConditionTrace> traces) => traces
        .GroupBy(trace => (trace.Rule, trace.Condition))
        .SelectMany(group => group.Select((trace, number) => ((group.Key.Rule, group.Key.Condition, number), trace)));
}

/// <summary>How a lead is judged, and what becomes of it.</summary>
/// <param name="Outcome"><c>route</c>, or <c>review</c> where a person has to decide.</param>
/// <param name="Reason">Why it is a review; null where it isn't.</param>
/// <param name="Routing">Score, parts, status, tier, pipeline and role.</param>
public sealed record Judgment(string Outcome, string? Reason, Routing Routing)
{
    internal static Judgment Of(WorkspaceConfiguration workspace, Dictionary<string, FieldValue> facts, Routing routing)
    {
        var reason = workspace.Leads.RequireConsent && facts.GetValueOrDefault("consent") is not FieldValue.Flag { Value: true }
            ? "The workspace asks for consent to be contacted, and there is none."
            : routing.RoutingTier is null ? "No routing rule holds."
            : facts.ContainsKey("email") ? null
            : "The lead has no address.";
        return new Judgment(reason is null ? "route" : "review", reason, routing);
    }
}

/// <summary>A condition that was answered, or saw something, differently.</summary>
/// <param name="Rule">The rule that asked.</param>
/// <param name="Condition">What was asked.</param>
/// <param name="Before">As it is; null: it wasn't asked.</param>
/// <param name="After">As it would be; null: it wouldn't be asked.</param>
public sealed record ConditionChange(string Rule, string Condition, ConditionTrace? Before, ConditionTrace? After);
