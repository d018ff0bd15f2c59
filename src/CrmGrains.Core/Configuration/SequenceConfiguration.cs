using CrmGrains.Core.Sequences;

namespace CrmGrains.Core.Configuration;

/// <summary>What is done about a matter over time, until an event says that it needn't be any more. A playbook begins it.</summary>
public sealed record SequenceConfiguration
{
    // Beyond the steps of playbooks.
    private const int FirstStep = 2_000_000;

    // Where none of them, and nothing that the event itself calls for, is.
    internal const int ContactStep = FirstStep - 1;

    /// <summary>In snake_case; in the ledger and in effect keys.</summary>
    public required string Name { get; init; }

    /// <summary>The fact of the event that names the matter, for example <c>invoice.id</c>; null: the customer is the matter. One runs for each.</summary>
    public string? OneFor { get; init; }

    /// <summary>Events that stop it, whatever matter they are about.</summary>
    public IReadOnlyList<string> StopOn { get; init; } = [];

    /// <summary>Events that stop it where they are about the same matter.</summary>
    public IReadOnlyList<string> StopOnSame { get; init; } = [];

    /// <summary>When nobody is written to; null: at no time.</summary>
    public QuietHours? Quiet { get; init; }

    /// <summary>The most messages that a customer gets in any seven days, from whatever asks for them, before a step of this one waits.</summary>
    public int MaxPerWeek { get; init; } = 3;

    /// <summary>In the order of their times; at least one.</summary>
    public required IReadOnlyList<SequenceStep> Steps { get; init; }

    /// <summary>The last step's time: a beginning that is older has nothing left to do.</summary>
    public TimeSpan Length => Steps[^1].After;

    /// <summary>The place of an action in what the event calls for; follows from the names alone, see <see cref="PlaybookConfiguration.StepOf"/>.</summary>
    public int StepOf(int step, ActionRule action) => ActionRule.StepOf(FirstStep, $"{Name}/{step}/{action.Name}");

    /// <summary>All facts that its actions ask for, and the one that names the matter.</summary>
    public IReadOnlyList<string> FactNames()
    {
        var all = Steps.SelectMany(step => step.Actions).SelectMany(action => action.FactNames());
        return [.. (OneFor is { } matter ? all.Append(matter) : all).Distinct(StringComparer.Ordinal)];
    }
}

/// <summary>One step of a sequence.</summary>
/// <param name="After">How long after the beginning.</param>
/// <param name="Actions">What is done then.</param>
public sealed record SequenceStep(TimeSpan After, IReadOnlyList<ActionRule> Actions);
