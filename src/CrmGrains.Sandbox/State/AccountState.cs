using CrmGrains.Sandbox.HubSpot;
using CrmGrains.Sandbox.HubSpot.Properties;
using CrmGrains.Sandbox.HubSpot.Records;

namespace CrmGrains.Sandbox.State;

/// <summary>
/// What an account holds, as the state file keeps it. The sequences of a snapshot are computed as they are written, from
/// references that were copied under the account's gate.
/// </summary>
internal sealed record AccountState
{
    /// <summary>Raised whenever a file written before could be misunderstood.</summary>
    public const int CurrentVersion = 1;

    public required int Version { get; init; }

    /// <summary>When the seed was laid; the properties that belong to it date from then, and are not kept themselves.</summary>
    public required DateTimeOffset SeededAt { get; init; }

    public required long NextRecordId { get; init; }

    public required IEnumerable<Owner> Owners { get; init; }

    /// <summary>By the type's plural.</summary>
    public required IReadOnlyDictionary<string, TypeState> Types { get; init; }

    /// <summary>Each associated pair once.</summary>
    public required IEnumerable<AssociationState> Associations { get; init; }
}

/// <summary>All that is read of a file before its version is known.</summary>
internal sealed record StateHeader
{
    public required int Version { get; init; }
}

internal sealed record TypeState
{
    /// <summary>Those added to the seed.</summary>
    public required IEnumerable<PropertyDefinition> Properties { get; init; }

    /// <summary>In the order of their ids, archived ones included.</summary>
    public required IEnumerable<RecordState> Records { get; init; }
}

internal sealed record RecordState
{
    public required string Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The current version last, behind those that search may still be showing.</summary>
    public required IEnumerable<RecordVersion> Versions { get; init; }
}

internal sealed record AssociationState
{
    public required string FromType { get; init; }

    public required string FromId { get; init; }

    public required string ToType { get; init; }

    public required string ToId { get; init; }

    /// <summary>As HubSpot numbers them in this direction.</summary>
    public required IReadOnlyList<int> TypeIds { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
