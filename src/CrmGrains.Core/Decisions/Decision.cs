using CrmGrains.Core.Actions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Sequences;

namespace CrmGrains.Core.Decisions;

/// <summary>What a turn decided and why; kept in its ledger entry.</summary>
public sealed record Decision
{
    /// <summary>The outcome where another grain is told instead.</summary>
    public const string PassedOn = "pass_on";

    /// <summary>
    /// One of <c>create</c>, <c>update</c>, <c>merge</c>, <c>unmerge</c>, <c>route</c>, <c>escalate</c>, <c>reject</c>, <c>review</c>,
    /// <c>record</c>, <c>context</c>, <c>undo</c>, <c>pass_on</c>.
    /// </summary>
    public required string Outcome { get; init; }

    /// <summary>Why, in one sentence without personal data.</summary>
    public string? Reason { get; init; }

    /// <summary>How the event was matched to this grain; in a ledger entry only where its message doesn't say the same.</summary>
    public IdentityMatch? Match { get; init; }

    /// <summary>What was checked; in a ledger entry only where its message doesn't say the same.</summary>
    public Validation? Validation { get; init; }

    /// <summary>Every condition with the value that it saw.</summary>
    public IReadOnlyList<ConditionTrace>? Conditions { get; init; }

    /// <summary>Where the lead goes.</summary>
    public Routing? Routing { get; init; }

    /// <summary>What shall be done, in order.</summary>
    public IReadOnlyList<PlanStep>? Plan { get; init; }

    /// <summary>Every action that was thought of, with its gates and what became of it.</summary>
    public IReadOnlyList<ActionTrace>? Actions { get; init; }

    /// <summary>What began, stopped, stepped or waits.</summary>
    public IReadOnlyList<SequenceTrace>? Sequences { get; init; }

    /// <summary>What people had signed to go without them, as the turn was told, where it thought of actions and there was anything; else null.</summary>
    public IReadOnlyList<string>? Granted { get; init; }

    /// <summary>The review item that was answered.</summary>
    public Guid? Review { get; init; }

    /// <summary>Facts that moved since a proposal was made.</summary>
    public IReadOnlyList<MovedFact>? Moved { get; init; }

    /// <summary>Fields whose value is another one now.</summary>
    public IReadOnlyList<string>? Changed { get; init; }

    /// <summary>Fields that a newer event had set already.</summary>
    public IReadOnlyList<string>? Stale { get; init; }

    /// <summary>True where the event was taken in before: its fields say so, and nothing changes. Else null.</summary>
    public bool? Repeated { get; init; }
}

/// <summary>Where a lead goes, by the workspace's rules.</summary>
public sealed record Routing
{
    /// <summary>For example <c>qualified</c>.</summary>
    public required string QualificationStatus { get; init; }

    /// <summary>From 0 to 100.</summary>
    public required int LeadScore { get; init; }

    /// <summary>What the score is made of, in order; they always add up to it. Null where it was decided before parts were kept.</summary>
    public IReadOnlyList<ScorePart>? ScoreParts { get; init; }

    /// <summary>For example <c>priority</c>.</summary>
    public string? RoutingTier { get; init; }

    /// <summary>The workspace's name of the pipeline; null: no deal.</summary>
    public string? TargetPipeline { get; init; }

    /// <summary>The role whose holder shall own the deal.</summary>
    public string? TargetOwnerRole { get; init; }
}

/// <summary>One part of a score.</summary>
/// <param name="Rule">
/// The scoring rule that held; <see cref="Start"/> for what every lead has, <see cref="Limit"/> for what lies beyond 0 and 100.
/// </param>
/// <param name="Points">What it adds; 0 where a rule held whose points have faded.</param>
public sealed record ScorePart(string Rule, int Points)
{
    /// <summary>What every lead has.</summary>
    public const string Start = "start";

    /// <summary>What is taken away or added so that the score stays between 0 and 100.</summary>
    public const string Limit = "limit";
}

/// <summary>One step of a plan.</summary>
/// <param name="Order">From 1.</param>
/// <param name="Object">Which kind of record.</param>
/// <param name="Operation">What is done to it.</param>
/// <param name="Required">Whether the later steps need it.</param>
public sealed record PlanStep(int Order, string Object, string Operation, bool Required);

/// <summary>One condition of a rule, and the value that it saw.</summary>
/// <param name="Rule">The rule that asked.</param>
/// <param name="Condition">What was asked, for example <c>lead.urgency eq high</c>.</param>
/// <param name="Saw">The value; null where there was none.</param>
/// <param name="Holds">The answer.</param>
/// <param name="Points">What the rule added to the score, if it is a scoring rule and all of it held.</param>
public sealed record ConditionTrace(string Rule, string Condition, string? Saw, bool Holds, int? Points = null);
