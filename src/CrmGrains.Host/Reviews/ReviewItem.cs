using System.Text.Json;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Json;

namespace CrmGrains.Host.Reviews;

internal sealed record ReviewPage(IReadOnlyList<ReviewItem> Items);

/// <summary>An item as lists show it. Nothing in it is a person's.</summary>
internal record ReviewItem
{
    public Guid Id { get; init; }

    public string Workspace { get; init; } = "";

    public string Key { get; init; } = "";

    public string Reason { get; init; } = "";

    public string Summary { get; init; } = "";

    /// <summary><c>open</c>, <c>asked</c>, <c>snoozed</c>, <c>answered</c>, or <c>withdrawn</c> where it is no question any more.</summary>
    public string Status { get; init; } = "";

    public bool IsOverdue { get; init; }

    /// <summary>Whoever answers names the version that they saw.</summary>
    public int Version { get; init; }

    public int Round { get; init; }

    public string? Action { get; init; }

    public string? Tier { get; init; }

    public string Priority { get; init; } = "";

    public string Grain { get; init; } = "";

    /// <summary>The event behind it; its raw delivery is in its trace.</summary>
    public Guid? EventId { get; init; }

    public DateTime OpenedAt { get; init; }

    public DateTime? DueAt { get; init; }

    public DateTime? ExpiresAt { get; init; }

    public DateTime? SnoozedUntil { get; init; }

    public string? Assignee { get; init; }

    /// <summary>The first of two people who must approve.</summary>
    public string? ApprovedBy { get; init; }

    /// <summary><c>approved</c>, <c>edited</c>, <c>rejected</c>, <c>expired</c> or <c>resolved</c>.</summary>
    public string? Answer { get; init; }

    public string? AnsweredBy { get; init; }

    public DateTime? ClosedAt { get; init; }

    public string? Resolution { get; init; }
}

/// <summary>An item with all that its row holds.</summary>
internal sealed record ReviewRow : ReviewItem
{
    /// <summary>The question that was put back to somebody.</summary>
    public string? Asked { get; init; }

    public string? AnswerReason { get; init; }

    /// <summary>Whether its time is over, although nobody noted it yet.</summary>
    public bool IsExpired { get; init; }

    /// <summary>The proposal as JSON; null where the item asks for something else than an approval.</summary>
    public string? Proposal { get; init; }

    /// <summary>What a person wants done instead, as JSON.</summary>
    public string? Instead { get; init; }

    /// <summary>By the database's clock.</summary>
    public DateTime Now { get; init; }

    public bool IsClosed => ClosedAt is not null;

    public Proposal? ReadProposal() => Proposal is null ? null : JsonSerializer.Deserialize(Proposal, CoreJson.Default.Proposal);

    public CrmCommand? ReadInstead() => Instead is null ? null : JsonSerializer.Deserialize(Instead, CoreJson.Default.CrmCommand);

    /// <summary>A command as <see cref="Instead"/> keeps it.</summary>
    public static string Write(CrmCommand command) => JsonSerializer.Serialize(command, CoreJson.Default.CrmCommand);
}

/// <summary>What happened to an item.</summary>
internal sealed record ReviewStep
{
    public DateTime At { get; init; }

    /// <summary>The name of the API key; empty where the system did it.</summary>
    public string By { get; init; } = "";

    /// <summary>
    /// <c>assigned</c>, <c>asked</c>, <c>replied</c>, <c>snoozed</c>, <c>woken</c>, <c>escalated</c>, <c>approved</c>, <c>edited</c>, <c>rejected</c>,
    /// <c>expired</c> or <c>resolved</c>.
    /// </summary>
    public string Step { get; init; } = "";

    public string? Text { get; init; }

    /// <summary>The version that it made; null where it made none.</summary>
    public int? Version { get; init; }

    /// <summary>The round that it was in.</summary>
    public int? Round { get; init; }
}
