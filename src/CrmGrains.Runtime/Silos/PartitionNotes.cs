using System.Collections.Concurrent;
using CrmGrains.Runtime.Mailboxes;

namespace CrmGrains.Runtime.Silos;

/// <summary>
/// When a partition's row is to be written: it says for others who runs it and how far it is, so once it changed hands, and then now and
/// then. Written with each batch, its dead versions made every claim slower while a session elsewhere held an old snapshot.
/// </summary>
internal sealed class PartitionNotes(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<int, long> _writtenAt = new();

    public bool AreDue(ClaimedPartition partition, Guid silo) =>
        partition.NotedSilo != silo || !_writtenAt.TryGetValue(partition.Id, out var at) || time.GetElapsedTime(at) >= Interval;

    public void Written(IReadOnlyList<(ClaimedPartition Partition, long Mark)> notes)
    {
        foreach (var (partition, _) in notes)
            _writtenAt[partition.Id] = time.GetTimestamp();
    }
}
