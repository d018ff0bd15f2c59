using System.Text.Json.Serialization;
using CrmGrains.Core.Commands;

namespace CrmGrains.Core.Actions;

/// <summary>An action that a person is asked about: all that the person must see, and all that is needed to do it.</summary>
public sealed record Proposal
{
    /// <summary>Names the question: the review item's key. There is one open answer to it at a time.</summary>
    public required string Key { get; init; }

    /// <summary>The event that calls for it.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The place in the event's plan; part of the effect key, so that it is done once however often it is approved.</summary>
    public required int Step { get; init; }

    /// <summary>The playbook, sequence or rule that proposes it.</summary>
    public required string From { get; init; }

    /// <summary>What the playbook calls it.</summary>
    public required string Name { get; init; }

    /// <summary>One of <see cref="ActionType.All"/>, by name.</summary>
    public required string Type { get; init; }

    /// <summary>The tier that counted.</summary>
    public required RiskTier Tier { get; init; }

    /// <summary>What would be done, complete.</summary>
    public required CrmCommand Command { get; init; }

    /// <summary>Why it is proposed, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>What it rests on: facts of the customer by name, as they were; null where nothing was known. An approval is bound to them.</summary>
    public IReadOnlyDictionary<string, string?> Saw { get; init; } = new Dictionary<string, string?>();

    /// <summary>What else the person should know: facts by name that the approval isn't bound to.</summary>
    public IReadOnlyDictionary<string, string?> Context { get; init; } = new Dictionary<string, string?>();

    /// <summary>What is missing, as questions to the person.</summary>
    public IReadOnlyList<string> Questions { get; init; } = [];

    /// <summary>The gates' answers.</summary>
    public IReadOnlyList<GateTrace> Gates { get; init; } = [];

    /// <summary>Whether two different people must approve.</summary>
    public bool FourEyes { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset ProposedAt { get; init; }

    /// <summary>UTC; from then on the item is overdue.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>UTC; from then on it lapses unanswered.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>How often it was put before a person, from 1; an answer to an earlier round isn't one to this.</summary>
    public int Round { get; init; } = 1;

    /// <summary>What moved since it was approved, where it comes back for that.</summary>
    public IReadOnlyList<MovedFact>? Moved { get; init; }
}

/// <summary>A fact that moved between a proposal and its approval.</summary>
/// <param name="Fact">Its name.</param>
/// <param name="Was">What the proposal rests on.</param>
/// <param name="IsNow">What it is now.</param>
public sealed record MovedFact(string Fact, string? Was, string? IsNow);

/// <summary>What a person said to a proposal.</summary>
[JsonConverter(typeof(AnswerJson))]
public enum Answer
{
    /// <summary>Do it as proposed.</summary>
    Approved,

    /// <summary>Do it, but otherwise.</summary>
    Edited,

    /// <summary>Don't.</summary>
    Rejected,

    /// <summary>Nobody answered in time.</summary>
    Expired,
}

internal sealed class AnswerJson() : JsonStringEnumConverter<Answer>(System.Text.Json.JsonNamingPolicy.SnakeCaseLower);

/// <summary>What an action did, or didn't, in a turn.</summary>
/// <param name="From">The playbook, sequence or rule.</param>
/// <param name="Name">What that calls it.</param>
/// <param name="Type">One of <see cref="ActionType.All"/>, by name.</param>
/// <param name="Tier">The tier that counted.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Gates">Every gate's answer.</param>
public sealed record ActionTrace(string From, string Name, string Type, RiskTier Tier, Verdict Verdict, [property: JsonConverter(typeof(GatesJson))] IReadOnlyList<GateTrace> Gates)
{
    /// <summary>How it is carried out.</summary>
    public string Channel { get; init; } = ActionType.Find(Type)?.Channel ?? ActionType.Person;

    /// <summary>Who approved it, where somebody did.</summary>
    public IReadOnlyList<string>? ApprovedBy { get; init; }

    /// <summary>Whether a person changed it before.</summary>
    public bool? IsOverridden { get; init; }
}
