using System.Collections.Concurrent;
using CrmGrains.Runtime.Mailboxes;

namespace CrmGrains.Runtime.Silos;

/// <summary>
/// When a partition's row is to be written: it says for others who runs it and how far it is, so once it changed hands, and then now and
/// then. Written with each batch, its dead versions made every claim slower while a session elsewhere held an old snapshot; so a silo that is
/// alone doesn't even say that it still serves a mailbox in which nothing was left to read.
/// </summary>
internal sealed class PartitionNotes(Wakeups wakeups, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<int, (long At, long Mark)> _written = new();

    public bool AreDue(ClaimedPartition partition, Guid silo, long mark)
    {
        if (partition.NotedSilo != silo || !_written.TryGetValue(partition.Id, out var last))
            return true;
        var since = time.GetElapsedTime(last.At);
        return since >= LongestInterval || since >= Interval && (wakeups.KnowsOthers || mark > last.Mark);
    }

    public void Written(IReadOnlyList<(ClaimedPartition Partition, long Mark)> notes)
    {
        foreach (var (partition, mark) in notes)
            _written[partition.Id] = (time.GetTimestamp(), mark);
    }
}
