using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Silos;
using Npgsql;

namespace CrmGrains.Runtime.Storage;

/// <summary>
/// The transaction of one batch. What it has claimed nobody else runs until it ends; what it took out, wrote and sent is there for others
/// once it is committed, all or nothing. Disposed without a commit, it is rolled back.
/// </summary>
public abstract class EngineTransaction : IAsyncDisposable
{
    /// <summary>For the reads and rows of a handler's own.</summary>
    /// <exception cref="NotSupportedException">This store isn't PostgreSQL.</exception>
    public virtual NpgsqlConnection Connection => throw new NotSupportedException("This store has no connection.");

    /// <summary>Locks partitions that have something to do; may be called again for more.</summary>
    /// <param name="reach">Which ones may be taken.</param>
    /// <param name="queues">Which intake queues.</param>
    /// <param name="mailboxes">Which mailboxes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    internal abstract Task<List<ClaimedPartition>> ClaimAsync(
        Reach reach, Slice queues, Slice mailboxes, CancellationToken cancellationToken);

    /// <summary>Waits a moment for the partition of another silo that has most need of it, and locks it.</summary>
    /// <returns>None where it isn't let go; nothing else can be done in this transaction then.</returns>
    internal abstract Task<List<ClaimedPartition>> ClaimInLineAsync(Reach reach, CancellationToken cancellationToken);

    /// <summary>Locks those of the mailboxes that are the silo's own, that nobody has locked and that are empty; with the instant from which it has them.</summary>
    internal abstract Task<(DateTimeOffset Now, List<ClaimedPartition> Claimed)> ClaimIdleAsync(
        Reach reach, IReadOnlyCollection<int> mailboxes, CancellationToken cancellationToken);

    /// <summary>Takes the oldest messages, and the timers that are due, out of claimed partitions, up to each one's limit.</summary>
    /// <param name="partitions">Their heads are read.</param>
    /// <param name="marks">Where the scans start.</param>
    /// <param name="most">Most messages of intake queues, most of mailboxes, and most timers.</param>
    /// <param name="cancellationToken">Ends it.</param>
    internal abstract Task<Popped> PopAsync(
        IReadOnlyCollection<ClaimedPartition> partitions, Marks marks, int most, CancellationToken cancellationToken);

    /// <summary>Reads states; a grain that had no turn yet has none.</summary>
    internal abstract Task<List<StoredState>> StatesAsync(
        IReadOnlyCollection<(int Partition, string Grain)> grains, CancellationToken cancellationToken);

    /// <summary>Writes everything and commits.</summary>
    internal abstract Task CommitAsync(BatchRows rows, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
