using System.Collections.Concurrent;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Silos;
using CrmGrains.Runtime.Storage;

namespace CrmGrains.Tests.Grains;

public sealed class BatchTests
{
    // Found by the simulation: the server ended a session while the answer to its claim of an idle mailbox was under way. The batch had the
    // queue and waited for the mailbox; the silo's other worker, who could lock both by now, had the mailbox and waited for the queue.
    [Fact]
    public async Task A_batch_that_has_lost_its_locks_unnoticed_waits_for_no_gate_with_gates_in_hand()
    {
        var (gates, wakeups) = (new ConcurrentDictionary<int, SemaphoreSlim>(), new Wakeups(TimeProvider.System));
        var lost = new Batch(new NoTransaction(), 0, gates, wakeups);
        await lost.HaveAsync([Claimed(1000, PartitionKind.IntakeQueue)]);
        await using var other = new Batch(new NoTransaction(), 0, gates, wakeups);
        var waiting = other.HaveAsync([Claimed(3, PartitionKind.Mailbox), Claimed(1000, PartitionKind.IntakeQueue)]);
        Assert.False(waiting.IsCompleted);

        lost.HaveFree([Claimed(3, PartitionKind.Mailbox), Claimed(4, PartitionKind.Mailbox)], DateTimeOffset.UnixEpoch);

        Assert.Equal([4, 1000], lost.Partitions.Keys.Order());
        await lost.DisposeAsync();
        await waiting;
        Assert.Equal([3, 1000], other.Partitions.Keys.Order());
    }

    private static ClaimedPartition Claimed(int id, string kind) => new() { Id = id, Kind = kind };

    private sealed class NoTransaction : EngineTransaction
    {
        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

        internal override Task<List<ClaimedPartition>> ClaimAsync(
            Reach reach, Slice queues, Slice mailboxes, CancellationToken cancellationToken) => throw new NotSupportedException();

        internal override Task<List<ClaimedPartition>> ClaimInLineAsync(Reach reach, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        internal override Task<(DateTimeOffset Now, List<ClaimedPartition> Claimed)> ClaimIdleAsync(
            Reach reach, IReadOnlyCollection<int> mailboxes, CancellationToken cancellationToken) => throw new NotSupportedException();

        internal override Task<Popped> PopAsync(
            IReadOnlyCollection<ClaimedPartition> partitions, Marks marks, int most, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        internal override Task<List<StoredState>> StatesAsync(
            IReadOnlyCollection<(int Partition, string Grain)> grains, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        internal override Task CommitAsync(BatchRows rows, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
