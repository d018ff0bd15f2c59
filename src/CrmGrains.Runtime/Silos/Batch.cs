using System.Collections.Concurrent;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;

namespace CrmGrains.Runtime.Silos;

/// <summary>One batch under way: its transaction, the partitions that it has, and what it took out of them.</summary>
internal sealed class Batch(
    EngineTransaction transaction, long began, ConcurrentDictionary<int, SemaphoreSlim> gates, Wakeups wakeups) : IAsyncDisposable
{
    private readonly List<SemaphoreSlim> _held = [];

    public EngineTransaction Transaction => transaction;

    /// <summary>When it was begun, as a timestamp of the silo's clock.</summary>
    public long Began => began;

    /// <summary>The instant from which it has all of its partitions, by the store's clock.</summary>
    public DateTimeOffset Now { get; private set; }

    public Dictionary<int, ClaimedPartition> Partitions { get; } = [];

    /// <summary>Messages, then timers.</summary>
    public List<MailboxMessage> Taken { get; } = [];

    /// <summary>What was taken from each partition that had messages.</summary>
    public List<(int Partition, bool IsDrained, long LastId)> Pops { get; } = [];

    /// <summary>Whether it is there to find a bad message.</summary>
    public bool IsSplit => Partitions.Values.Any(partition => partition.IsSuspect);

    /// <summary>Whether what was sent within the batch is handled in it.</summary>
    public bool HasForwarded { get; private set; }

    /// <summary>Whether as much was taken from some partition as may be.</summary>
    public bool IsMoreLikely => Pops.Exists(pop => !pop.IsDrained);

    /// <summary>Whether it has a source's queue.</summary>
    public bool TakesDeliveries => Partitions.Values.Any(partition => partition.Kind == PartitionKind.IntakeQueue);

    /// <summary>Partitions of which something was handled; one that turned out to be empty is none of them.</summary>
    public IEnumerable<ClaimedPartition> Served => _served.Select(id => Partitions[id]);

    private readonly HashSet<int> _served = [];

    /// <summary>
    /// Takes the gates of partitions that were claimed, so that states which the owner before us has committed are written back. In
    /// ascending order and once for a batch, so nobody waits in a circle. That the rows are locked doesn't see to it: a session that the
    /// server has ended holds none, while its batch, which hasn't heard of it, still has its gates.
    /// </summary>
    public async Task HaveAsync(IEnumerable<ClaimedPartition> claimed)
    {
        foreach (var partition in claimed.OrderBy(partition => partition.Id))
        {
            var gate = GateOf(partition);
            await gate.WaitAsync(CancellationToken.None);
            Have(partition, gate);
        }
    }

    /// <summary>Takes those of more mailboxes whose gates are free; others aren't worth waiting for with gates in hand.</summary>
    /// <param name="claimed">Idle ones.</param>
    /// <param name="now">Turns of a mailbox may not be said to have begun before all of the batch's mailboxes were ours.</param>
    public void HaveFree(IEnumerable<ClaimedPartition> claimed, DateTimeOffset now)
    {
        foreach (var partition in claimed)
        {
            if (GateOf(partition) is var gate && gate.Wait(0))
                Have(partition, gate);
        }

        Now = now;
        foreach (var partition in Partitions.Values.Where(partition => partition.Kind == PartitionKind.Mailbox))
            partition.BeganAt = now;
    }

    /// <summary>Notes what was popped.</summary>
    /// <param name="popped">By this batch.</param>
    /// <param name="most">Most messages of a kind that it was to take.</param>
    public void Took(Popped popped, int most)
    {
        Now = popped.Now;
        Taken.AddRange(popped.Messages);
        Taken.AddRange(popped.Timers);
        _served.UnionWith(Taken.Select(message => message.Partition));

        var byPartition = popped.Messages.GroupBy(message => message.Partition)
            .ToDictionary(group => group.Key, group => (Count: group.Count(), LastId: group.Last().Id));
        foreach (var kind in Partitions.Values.GroupBy(partition => partition.Kind))
        {
            var isWhole = kind.Sum(partition => byPartition.GetValueOrDefault(partition.Id).Count) < most;
            foreach (var partition in kind)
            {
                var (count, lastId) = byPartition.GetValueOrDefault(partition.Id);
                partition.IsDrained = isWhole && count < partition.Limit && !partition.IsSuspect;
                if (count > 0)
                    Pops.Add((partition.Id, isWhole && count < partition.Limit, lastId));
            }
        }
    }

    /// <summary>What was taken out of the partitions of a kind: messages, then what follows them, then timers.</summary>
    public List<MailboxMessage> TakenOf(string kind, IReadOnlyCollection<MailboxMessage>? after = null)
    {
        HasForwarded |= after is { Count: > 0 };
        _served.UnionWith((after ?? []).Select(message => message.Partition));
        var ofKind = Taken.Where(message => Partitions[message.Partition].Kind == kind).ToLookup(message => message.Timer is not null);
        return [.. ofKind[false], .. after ?? [], .. ofKind[true]];
    }

    private SemaphoreSlim GateOf(ClaimedPartition partition) => gates.GetOrAdd(partition.Id, static _ => new SemaphoreSlim(1, 1));

    private void Have(ClaimedPartition partition, SemaphoreSlim gate)
    {
        _held.Add(gate);
        Partitions.Add(partition.Id, partition);
        wakeups.IsInHand(partition.Id);
    }

    public async ValueTask DisposeAsync()
    {
        wakeups.AreFree(Partitions.Keys);
        foreach (var gate in _held)
            gate.Release();
        await transaction.DisposeAsync();
    }
}
