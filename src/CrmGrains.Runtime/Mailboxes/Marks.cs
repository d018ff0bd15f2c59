using System.Collections.Concurrent;
using CrmGrains.Core.Grains;

namespace CrmGrains.Runtime.Mailboxes;

/// <summary>The marks that a silo knows. Only whoever has a partition's gate moves its mark.</summary>
internal sealed class Marks
{
    private const int FirstQueue = 1000;

    private readonly ConcurrentDictionary<int, Mark> _marks = new();
    private int _highest;

    /// <summary>The mark of a partition.</summary>
    public Mark Of(int partition)
    {
        if (_marks.TryGetValue(partition, out var mark))
            return mark;
        InterlockedMax(partition);
        return _marks.GetOrAdd(partition, static _ => new Mark());
    }

    /// <summary>The marks of the mailboxes, and those of the intake queues from the first on; 0 where none is known.</summary>
    public (long[] Mailboxes, long[] Queues) Known()
    {
        var mailboxes = new long[MailboxPartition.Count];
        var queues = new long[Math.Max(0, Volatile.Read(ref _highest) - FirstQueue + 1)];
        foreach (var (partition, mark) in _marks)
        {
            if (partition < mailboxes.Length)
                mailboxes[partition] = mark.At;
            else if (partition - FirstQueue is var place && place >= 0 && place < queues.Length)
                queues[place] = mark.At;
        }

        return (mailboxes, queues);
    }

    private void InterlockedMax(int partition)
    {
        for (var highest = Volatile.Read(ref _highest); partition > highest; highest = Volatile.Read(ref _highest))
            Interlocked.CompareExchange(ref _highest, partition, highest);
    }
}
