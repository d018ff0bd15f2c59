namespace CrmGrains.Simulation.Store;

/// <summary>What a statement sees: whatever was committed before it.</summary>
/// <param name="Commits">Commits so far.</param>
/// <param name="Xmin">Every transaction below had ended.</param>
/// <param name="Xmax">One past the highest transaction that had ended.</param>
internal readonly record struct Snapshot(long Commits, ulong Xmin, ulong Xmax);

/// <summary>A transaction as the server sees it.</summary>
internal sealed class Transaction(DateTimeOffset beganAt)
{
    private readonly List<Action> _writes = [];

    /// <summary>What <c>now()</c> says in it.</summary>
    public DateTimeOffset BeganAt => beganAt;

    /// <summary>Given at its first lock or write; 0 before.</summary>
    public ulong Id { get; set; }

    /// <summary>Its place among the commits; null where it runs or was rolled back.</summary>
    public long? Commit { get; private set; }

    public bool IsRunning { get; private set; } = true;

    /// <summary>Whether it has locked the table of messages, which whoever draws an id does before.</summary>
    public bool HasLockedMessages { get; set; }

    /// <summary>What becomes visible at its commit.</summary>
    public void Write(Action write) => _writes.Add(write);

    public void Committed(long place)
    {
        IsRunning = false;
        Commit = place;
        foreach (var write in _writes)
            write();
    }

    public void RolledBack() => IsRunning = false;
}

/// <summary>A row that is inserted once and deleted once.</summary>
internal abstract class Row
{
    public required Transaction Creator { get; init; }

    /// <summary>Whoever deletes it, once that is committed.</summary>
    public Transaction? Deleter { get; set; }

    /// <summary>Whether a statement of a transaction sees it.</summary>
    public bool IsVisible(Snapshot snapshot, Transaction? self) =>
        IsDone(Creator, snapshot, self) && !(Deleter is { } deleter && IsDone(deleter, snapshot, self));

    /// <summary>Whether it is there for somebody, now or in time to come: not deleted for good, and not rolled back.</summary>
    public bool IsAlive => (Creator.IsRunning || Creator.Commit is not null) && Deleter?.Commit is null;

    private static bool IsDone(Transaction transaction, Snapshot snapshot, Transaction? self) =>
        transaction == self || transaction.Commit <= snapshot.Commits;
}
