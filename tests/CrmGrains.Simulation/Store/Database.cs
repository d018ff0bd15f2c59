using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;
using CrmGrains.Simulation.Scheduling;
using Npgsql;

namespace CrmGrains.Simulation.Store;

/// <summary>
/// What the engine rests on in PostgreSQL, and no more: READ COMMITTED with a snapshot for each statement, row locks on partitions,
/// transaction ids given at the first lock or write, message ids drawn after that, commits that become visible at once and in any order.
/// </summary>
internal sealed class Database(Process server, Scheduler scheduler, Planted planted)
{
    private readonly List<Transaction> _running = [];
    private long _commits;
    private long _drawn;
    private ulong _lastId = 700;
    private ulong _lastEnded = 700;

    public SortedDictionary<int, PartitionRow> Partitions { get; } = [];

    /// <summary>By partition.</summary>
    public SortedDictionary<int, List<MessageRow>> Mailboxes { get; } = [];

    public IEnumerable<MessageRow> Messages => Mailboxes.Values.SelectMany(mailbox => mailbox);

    public List<TimerRow> Timers { get; } = [];

    public Dictionary<string, StateRow> States { get; } = [];

    public Dictionary<int, List<EntryRow>> Ledger { get; } = [];

    public List<CommandRow> Commands { get; } = [];

    public List<DeadLetterRow> DeadLetters { get; } = [];

    public List<(string Workspace, string Key)> OpenReviews { get; } = [];

    public Dictionary<Guid, DeliveryRow> Deliveries { get; } = [];

    public Dictionary<Guid, byte[]> Events { get; } = [];

    /// <summary>Where statements run.</summary>
    public Process Server => server;

    public Planted Planted => planted;

    /// <summary>What the schema had to refuse: no run may need it.</summary>
    public string? Fault { get; private set; }

    /// <summary>
    /// Called between the statements of a transaction, and between a statement's snapshot and its locks, with how much more likely than
    /// elsewhere others do something just there.
    /// </summary>
    public Action<int> Crossed { get; set; } = _ => { };

    /// <summary>The server's clock.</summary>
    public DateTimeOffset Now => scheduler.Now;

    /// <summary>The highest message id so far.</summary>
    public long Drawn => Math.Max(1, _drawn);

    public bool IsBusy => _running.Count > 0;

    public Transaction Begin()
    {
        var transaction = new Transaction(Now);
        _running.Add(transaction);
        return transaction;
    }

    public Snapshot Snapshot()
    {
        var xmax = _lastEnded + 1;
        var xmin = xmax;
        foreach (var running in _running)
            xmin = running.Id != 0 && running.Id < xmin ? running.Id : xmin;
        return new Snapshot(_commits, xmin, xmax);
    }

    /// <summary>Gives a transaction its id.</summary>
    public void Identify(Transaction transaction)
    {
        if (transaction.Id == 0)
            transaction.Id = ++_lastId;
    }

    /// <summary>Sends a message; its id is drawn after the transaction has its own.</summary>
    public void Send(Transaction transaction, int partition, string workspace, string grain, string kind, Guid? eventId, byte[] body)
    {
        transaction.HasLockedMessages = true;
        Identify(transaction);
        if (!Mailboxes.TryGetValue(partition, out var mailbox))
            Mailboxes[partition] = mailbox = [];
        mailbox.Add(new MessageRow
        {
            Creator = transaction, Id = ++_drawn, Partition = partition, Workspace = workspace, Grain = grain, Kind = kind,
            EventId = eventId, Body = body,
        });
    }

    /// <summary>The lowest transaction that holds the lock of whoever sends, at most the highest that has ended by the snapshot.</summary>
    public ulong Senders(Snapshot snapshot)
    {
        var lowest = snapshot.Xmax - 1;
        foreach (var running in _running)
            lowest = running is { HasLockedMessages: true, Id: not 0 } && running.Id < lowest ? running.Id : lowest;
        return lowest;
    }

    /// <summary>Locks a row without waiting.</summary>
    public bool TryLock(PartitionRow partition, Transaction transaction)
    {
        if (partition.Locker is { } locker && locker != transaction && !planted.HasFlag(Planted.RowLocksAreIgnored))
            return false;
        Identify(transaction);
        partition.Locker = transaction;
        return true;
    }

    /// <summary>Adds an entry at the transaction's commit; its key is checked now.</summary>
    public void Append(Transaction transaction, EntryRow entry)
    {
        var chain = Chain(entry.Row.Partition);
        if (chain.Exists(other => other.Row.Position == entry.Row.Position) && !planted.HasFlag(Planted.RowLocksAreIgnored))
        {
            Fault ??= $"Position {entry.Row.Position} of partition {entry.Row.Partition} was about to be written twice.";
            throw Error(SqlState.UniqueViolation, "An entry of this partition and position is there already.");
        }

        transaction.Write(() => chain.Add(entry with { Commit = _commits }));
    }

    public void Commit(Transaction transaction)
    {
        if (!transaction.IsRunning)
            throw new InvalidOperationException("The transaction has ended.");
        End(transaction);
        _commits++;
        transaction.Committed(_commits);
        Forget();
    }

    public void RollBack(Transaction transaction)
    {
        if (!transaction.IsRunning)
            return;
        End(transaction);
        transaction.RolledBack();
        Forget();
    }

    /// <summary>Notes of a partition, from the transaction's commit on.</summary>
    public void Note(Transaction transaction, PartitionRow partition, PartitionNote note) => transaction.Write(() => partition.Notes.Add(
        note with { Commit = _commits, Mark = Math.Max(note.Mark, partition.Newest.Mark) }));

    /// <summary>The oldest message of a partition after a mark that a statement sees.</summary>
    public MessageRow? Oldest(int partition, long mark, Snapshot snapshot, Transaction? self)
    {
        // Ids are drawn in order, so the first one is the oldest.
        return Mailboxes.TryGetValue(partition, out var mailbox)
            ? mailbox.Find(message => message.Id > mark && message.IsVisible(snapshot, self))
            : null;
    }

    /// <summary>Whether there is no row of it in any table that a claim looks at.</summary>
    public bool IsEmpty(int partition) =>
        !(Mailboxes.TryGetValue(partition, out var mailbox) && mailbox.Count > 0) && !Timers.Exists(timer => timer.Partition == partition);

    public List<EntryRow> Chain(int partition) =>
        Ledger.TryGetValue(partition, out var chain) ? chain : Ledger[partition] = [];

    public PartitionRow Queue(string source)
    {
        var queue = new PartitionRow
        {
            Id = 1000 + Partitions.Count - 64, Kind = PartitionKind.IntakeQueue, Workspace = "w", Source = source,
        };
        Partitions.Add(queue.Id, queue);
        return queue;
    }

    public static PostgresException Error(string state, string text) => new(text, "ERROR", "ERROR", state);

    private void End(Transaction transaction)
    {
        _running.Remove(transaction);
        _lastEnded = Math.Max(_lastEnded, transaction.Id);
        foreach (var partition in Partitions.Values)
        {
            if (partition.Locker == transaction)
                partition.Locker = null;
        }
    }

    // What nobody can see any more would only make the run slow. No snapshot outlives that many commits.
    private void Forget()
    {
        bool IsGone(Row row) => row.Deleter?.Commit < _commits - 50 || (!row.Creator.IsRunning && row.Creator.Commit is null);

        if (_commits % 16 != 0)
            return;
        foreach (var mailbox in Mailboxes.Values)
            mailbox.RemoveAll(IsGone);
        Timers.RemoveAll(IsGone);
    }
}
