namespace CrmGrains.Intake.Replays;

/// <summary>What a replay would do, under the configuration of now.</summary>
public sealed record ReplayPreview
{
    /// <summary>Deliveries that are meant.</summary>
    public required long Deliveries { get; init; }

    /// <summary>Whether there are more than are counted.</summary>
    public required bool IsCounted { get; init; }

    /// <summary>How many, by source and type; the type is empty for those that became no event.</summary>
    public required IReadOnlyList<ReplayPreviewGroup> Groups { get; init; }

    /// <summary>How many of the first deliveries were tried out in memory.</summary>
    public required int Tried { get; init; }

    /// <summary>What became of these, by outcome: <c>replayed</c>, <c>rejected</c>, <c>ignored</c>, <c>kept_raw</c>, <c>dropped</c>, <c>review</c>, <c>failed</c>.</summary>
    public required IReadOnlyDictionary<string, int> Outcomes { get; init; }

    /// <summary>Of these, those that would change anything.</summary>
    public required IReadOnlyList<ReplayPreviewEvent> Changes { get; init; }
}

/// <summary>Deliveries of one source and type.</summary>
public sealed record ReplayPreviewGroup(string Source, string Type, long Deliveries);

/// <summary>What replaying one delivery would change. Names of fields, never values.</summary>
public sealed record ReplayPreviewEvent
{
    /// <summary>The delivery's event.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Its source.</summary>
    public required string Source { get; init; }

    /// <summary>What would become of it.</summary>
    public required string Outcome { get; init; }

    /// <summary>Whether it is no event yet and would become one.</summary>
    public bool? IsNew { get; init; }

    /// <summary>Paths of the normalized event that read another way than what is stored.</summary>
    public IReadOnlyList<string>? Differs { get; init; }

    /// <summary>Fields of its customer that would have another value.</summary>
    public IReadOnlyList<string>? Changed { get; init; }

    /// <summary>Fields that a newer event has set already.</summary>
    public IReadOnlyList<string>? Stale { get; init; }

    /// <summary>Commands that don't exist yet, as <c>object/operation</c>.</summary>
    public IReadOnlyList<string>? NewCommands { get; init; }
}
