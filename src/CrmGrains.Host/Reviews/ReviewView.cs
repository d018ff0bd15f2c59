using System.Text.Json;
using CrmGrains.Core.Actions;

namespace CrmGrains.Host.Reviews;

/// <summary>An item with everything that a person must see before they answer it.</summary>
internal sealed record ReviewView
{
    public required ReviewItem Item { get; init; }

    /// <summary>The question that was put back to somebody, where its answer is waited for.</summary>
    public string? Asked { get; init; }

    public string? AnswerReason { get; init; }

    /// <summary>What the turn came to that the answer led to; null where there was none yet.</summary>
    public string? Outcome { get; init; }

    public ProposalView? Proposal { get; init; }

    /// <summary>What items of other kinds are about.</summary>
    public JsonElement? Detail { get; init; }

    /// <summary>What each answer does, by verb; those that every open item takes are left out.</summary>
    public required IReadOnlyDictionary<string, string> Answers { get; init; }

    /// <summary>What happened to the item, and to the same question in earlier rounds, oldest first.</summary>
    public required IReadOnlyList<ReviewStep> History { get; init; }

    /// <summary>Where more of it is, by name.</summary>
    public required IReadOnlyDictionary<string, string> Links { get; init; }
}

/// <summary>What is proposed.</summary>
internal sealed record ProposalView
{
    /// <summary>The playbook, sequence or rule, and what it calls the action.</summary>
    public required string From { get; init; }

    public required string Name { get; init; }

    public required string Type { get; init; }

    /// <summary>What an action of that type does.</summary>
    public string? About { get; init; }

    public required string Tier { get; init; }

    public required string Reason { get; init; }

    public bool NeedsTwoPeople { get; init; }

    public required DateTimeOffset ProposedAt { get; init; }

    /// <summary>The command and what it would write, value by value.</summary>
    public required IReadOnlyList<ProposedValue> Values { get; init; }

    /// <summary>What can be changed with <c>edit</c>, by path.</summary>
    public required IReadOnlyList<string> Editable { get; init; }

    /// <summary>What the proposal rests on: an approval counts only while these are as they were seen.</summary>
    public required IReadOnlyList<SeenFact> RestsOn { get; init; }

    /// <summary>What moved since an earlier round was approved.</summary>
    public IReadOnlyList<MovedFact>? Moved { get; init; }

    /// <summary>What else is known.</summary>
    public required IReadOnlyDictionary<string, string?> Context { get; init; }

    public required IReadOnlyList<string> Questions { get; init; }

    public required IReadOnlyList<GateTrace> Gates { get; init; }
}

/// <summary>One value of a command.</summary>
/// <param name="Path">Where in the command.</param>
/// <param name="Before">What is known to be there now; null where nothing is known.</param>
/// <param name="Proposed">What would be written.</param>
/// <param name="Edited">What a person wants written instead; null where nobody changed it.</param>
internal sealed record ProposedValue(string Path, string? Before, string? Proposed, string? Edited);

/// <summary>A fact that a proposal rests on.</summary>
/// <param name="Fact">Its name.</param>
/// <param name="Saw">As it was when it was proposed.</param>
/// <param name="IsNow">As it is now.</param>
/// <param name="IsMoved">Whether an approval would come back because of it.</param>
internal sealed record SeenFact(string Fact, string? Saw, string? IsNow, bool IsMoved);
