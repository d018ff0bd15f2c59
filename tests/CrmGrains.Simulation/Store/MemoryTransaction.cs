using CrmGrains.Runtime.Ledger;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Silos;
using CrmGrains.Runtime.Storage;

namespace CrmGrains.Simulation.Store;

/// <summary>A batch's transaction: the same statements in the same order as on PostgreSQL, each with a snapshot of its own.</summary>
internal sealed class MemoryTransaction(Database database, Session session, ulong ended, MemoryStore store) : EngineTransaction
{
    // What marks rest on is decided between two pops; too seldom for the seeds that there is time for.
    private const int BetweenPops = 8;

    private readonly List<(Guid Id, byte[] Body)> _events = [];
    private bool _isOpen;
    private long _drawn;
    private Snapshot _claimedIn;

    /// <summary>A normalized event, stored with the batch.</summary>
    public void Store(Guid id, byte[] body) => _events.Add((id, body));

    internal override async Task<List<ClaimedPartition>> ClaimAsync(
        Reach reach, Slice queues, Slice mailboxes, CancellationToken cancellationToken)
    {
        var begins = !_isOpen;
        _isOpen = true;
        var claimed = await session.CallAsync("claim", async () =>
        {
            if (begins)
            {
                session.Begin();
                _drawn = database.Planted.HasFlag(Planted.CandidatesAreTooHigh) ? long.MaxValue : database.Drawn;
            }

            await session.PauseAsync();
            _claimedIn = database.Snapshot();
            var taken = await Statements.ClaimAsync(database, session, reach, PartitionKind.IntakeQueue, queues);
            taken.AddRange(await Statements.ClaimAsync(database, session, reach, PartitionKind.Mailbox, mailboxes));
            return taken;
        });
        return Noted(claimed, reach.Marks);
    }

    internal override async Task<List<ClaimedPartition>> ClaimInLineAsync(Reach reach, CancellationToken cancellationToken) =>
        Noted(await session.CallAsync("claim in line", () => Statements.ClaimInLineAsync(database, session, reach)), reach.Marks);

    internal override async Task<(DateTimeOffset Now, List<ClaimedPartition> Claimed)> ClaimIdleAsync(
        Reach reach, IReadOnlyCollection<int> mailboxes, CancellationToken cancellationToken)
    {
        var (now, claimed) = await session.CallAsync("claim idle", async () =>
        {
            var idle = await Statements.ClaimIdleAsync(database, session, reach, mailboxes);
            await session.PauseAsync();
            var instant = database.Now;
            await session.PauseAsync();
            Heads(idle);
            return (instant, idle);
        });
        return (now, Noted(claimed, reach.Marks));
    }

    internal override async Task<Popped> PopAsync(
        IReadOnlyCollection<ClaimedPartition> partitions, Marks marks, int most, CancellationToken cancellationToken)
    {
        var popped = new Popped { Drawn = _drawn };
        if (!partitions.Any(partition => partition.IsSuspect))
        {
            await PopAsync(partitions, marks, most, most, popped);
        }
        else
        {
            await PopAsync(partitions, marks, 0, partitions.Min(partition => partition.Limit), popped);
            if (popped.Timers.Count == 0)
                await PopAsync(partitions, marks, most, 0, popped);
        }

        popped.Ended = Math.Max(popped.Ended, ended);
        store.AreSendersAwaited = popped.Messages.Exists(message => !marks.Of(message.Partition).IsProven(popped.Ended));
        return popped;
    }

    internal override Task<List<StoredState>> StatesAsync(
        IReadOnlyCollection<(int Partition, string Grain)> grains, CancellationToken cancellationToken) =>
        session.CallAsync("states", () => Task.FromResult(grains
            .Select(grain => database.States.GetValueOrDefault(grain.Grain)).OfType<StateRow>()
            .Select(row => new StoredState(row.Partition, row.Grain, row.Version, row.State)).ToList()));

    internal override async Task CommitAsync(BatchRows rows, CancellationToken cancellationToken)
    {
        await session.CallAsync("commit", async () =>
        {
            var transaction = session.Transaction ?? throw NetworkFaults.Terminated();
            foreach (var (id, body) in _events)
                transaction.Write(() => database.Events[id] = body);
            foreach (var write in BatchWrites.Of(database, transaction, rows))
            {
                write();
                await session.PauseAsync();
            }

            if (database.Planted.HasFlag(Planted.CommitsAreDropped) && transaction.Id % 37 == 0)
                database.RollBack(transaction);
            else
                database.Commit(transaction);
            return true;
        });
        _isOpen = false;
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_isOpen || session.IsBroken)
            return;
        try
        {
            await session.CallAsync("rollback", () =>
            {
                if (session.Transaction is { } transaction)
                    database.RollBack(transaction);
                return Task.FromResult(true);
            });
        }
        catch (Exception exception) when (NetworkFaults.Passes(exception))
        {
            // The session is gone, and its transaction with it.
        }
    }

    private Task PopAsync(IReadOnlyCollection<ClaimedPartition> partitions, Marks marks, int most, int mostTimers, Popped popped) =>
        session.CallAsync("pop", async () =>
        {
            var transaction = session.Transaction ?? throw NetworkFaults.Terminated();
            Heads(partitions);
            await session.PauseAsync();
            popped.Now = database.Now;
            foreach (var partition in partitions)
                partition.BeganAt = popped.Now;

            foreach (var kind in most > 0 ? partitions.GroupBy(partition => partition.Kind).ToList() : [])
            {
                await session.PauseAsync(BetweenPops);
                var snapshot = database.Snapshot();
                var rows = Statements.Pop(database, transaction, snapshot, [.. kind], marks, most);
                popped.Messages.AddRange(rows.Select(row => Read(row, database.Partitions[row.Partition].Source)));
                if (rows.Count == 0)
                    continue;
                popped.Ended = database.Planted.HasFlag(Planted.MarksMoveUnproven) ? transaction.Id
                    : popped.Transaction == 0 || database.Planted.HasFlag(Planted.EndedIsOfTheLastStatement) ? snapshot.Xmin
                    : Math.Min(popped.Ended, snapshot.Xmin);
                popped.Transaction = transaction.Id;
            }

            if (mostTimers > 0)
            {
                await session.PauseAsync();
                popped.Timers.AddRange(Statements.PopTimers(database, transaction, partitions, mostTimers).Select(Statements.Fired));
            }

            return true;
        });

    private MailboxMessage Read(MessageRow row, string? source)
    {
        var delivery = row is { Kind: "delivery_received", EventId: { } id } ? database.Deliveries.GetValueOrDefault(id) : null;
        return new MailboxMessage
        {
            Id = row.Id, Partition = row.Partition, Source = source, Workspace = row.Workspace, Grain = row.Grain, Kind = row.Kind,
            EventId = row.EventId, Body = row.Body, ReceivedAt = delivery?.ReceivedAt,
            Event = delivery?.Body
                ?? (row is { Kind: "event_received", EventId: { } told } ? database.Events.GetValueOrDefault(told) : null),
        };
    }

    private void Heads(IEnumerable<ClaimedPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            var chain = database.Chain(partition.Id);
            var head = database.Planted.HasFlag(Planted.HeadsAreStale)
                ? chain.FindLast(entry => entry.Commit <= _claimedIn.Commits)
                : chain.LastOrDefault();
            partition.HeadHash = head?.Row.Hash ?? new byte[LedgerChain.HashBytes];
            partition.HeadPosition = head?.Row.Position ?? 0;
            partition.LastSilo = database.Planted.HasFlag(Planted.CachesAreKept) && head is not null ? store.Silo : head?.Silo;
        }
    }

    private static List<ClaimedPartition> Noted(List<ClaimedPartition> claimed, Marks marks)
    {
        foreach (var partition in claimed)
            marks.Of(partition.Id).Reach(partition.NotedMark);
        return claimed;
    }
}
