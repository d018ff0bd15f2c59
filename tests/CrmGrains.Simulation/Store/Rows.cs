using CrmGrains.Core.Commands;
using CrmGrains.Runtime.Silos;

namespace CrmGrains.Simulation.Store;

internal sealed class MessageRow : Row
{
    public required long Id { get; init; }

    public required int Partition { get; init; }

    public required string Workspace { get; init; }

    public required string Grain { get; init; }

    public required string Kind { get; init; }

    public Guid? EventId { get; init; }

    public required byte[] Body { get; init; }

    public DateTimeOffset SentAt => Creator.BeganAt;
}

internal sealed class TimerRow : Row
{
    public required int Partition { get; init; }

    public required string Grain { get; init; }

    public required string Name { get; init; }

    public Guid? EventId { get; init; }

    public required DateTimeOffset DueAt { get; init; }
}

/// <summary>A partition's row: the lock that is the ownership, and its notes in every version that was committed.</summary>
internal sealed class PartitionRow
{
    public required int Id { get; init; }

    public required string Kind { get; init; }

    public string? Workspace { get; init; }

    public string? Source { get; init; }

    public Transaction? Locker { get; set; }

    /// <summary>Oldest first.</summary>
    public List<PartitionNote> Notes { get; } = [new(0, null, default, 0, 0, [])];

    public PartitionNote Newest => Notes[^1];

    public PartitionNote In(Snapshot snapshot) => Notes.FindLast(note => note.Commit <= snapshot.Commits) ?? Notes[0];
}

/// <summary>Who runs a partition and how far they are.</summary>
internal sealed record PartitionNote(long Commit, Guid? Silo, DateTimeOffset ServedAt, long Mark, long HeadPosition, byte[] HeadHash);

internal sealed record StateRow(int Partition, string Grain, long Version, byte[] State);

/// <summary>An entry of the ledger.</summary>
internal sealed record EntryRow(LedgerRow Row, Guid Silo, DateTimeOffset WrittenAt, long Commit);

internal sealed record CommandRow(string EffectKey, string Grain, CrmCommand Command);

internal sealed record DeadLetterRow(string Grain, string Kind, Guid? EventId, byte[] Body, string Error);

/// <summary>A delivery as it came.</summary>
internal sealed record DeliveryRow(Guid EventId, int Partition, string DeliveryId, byte[] Body, DateTimeOffset ReceivedAt);
