namespace CrmGrains.Runtime.Silos;

/// <summary>
/// Who is to be woken when something was committed: this process at once, the others through the database. Silos are told which partitions
/// it is about, so that what is one's isn't looked for by all.
/// </summary>
public sealed class Wakeups(TimeProvider time)
{
    // One may be a burst; a few in a row are more than the silo gets done.
    private const int FullBatches = 3;

    private readonly Lock _lock = new();
    private readonly HashSet<int> _others = [];
    private readonly HashSet<int> _inHand = [];
    private readonly HashSet<int> _filled = [];
    private int _fullBatches;
    private bool _isFilledSomewhere;
    private bool _hasCommands;

    /// <summary>The silo's workers: there are messages.</summary>
    public Wakeup Mailboxes { get; } = new(time);

    /// <summary>The outbox: there are commands.</summary>
    public Wakeup Commands { get; } = new(time);

    /// <summary>The notifier: another process may have to be told.</summary>
    public Wakeup Others { get; } = new(time);

    /// <summary>
    /// Whether this process's silo leaves deliveries behind, batch after batch: who brings it more on the same cores may do so in larger, rarer steps.
    /// </summary>
    public bool IsBehind => Volatile.Read(ref _fullBatches) >= FullBatches;

    /// <summary>Messages were committed.</summary>
    /// <param name="partitions">Where to.</param>
    public void MailboxesFilled(IEnumerable<int> partitions)
    {
        var filled = partitions as IReadOnlyCollection<int> ?? [.. partitions];
        lock (_lock)
            _filled.UnionWith(filled);
        Call(filled);
        Others.Signal();
    }

    /// <summary>Messages were committed, it isn't known where to.</summary>
    public void MailboxesFilled()
    {
        lock (_lock)
            _isFilledSomewhere = true;
        Mailboxes.Signal();
        Others.Signal();
    }

    /// <summary>Commands were committed.</summary>
    public void CommandsQueued()
    {
        lock (_lock)
            _hasCommands = true;
        Commands.Signal();
        Others.Signal();
    }

    /// <summary>
    /// Calls this process's silo for partitions that were filled here or elsewhere. Where a worker has them in hand, another one would claim in
    /// vain, again and again while a source is busy: that worker looks once more when it is done.
    /// </summary>
    public void Call(IReadOnlyCollection<int> partitions)
    {
        bool areOthers;
        lock (_lock)
            areOthers = partitions.All(_others.Contains);
        if (areOthers)
        {
            Mailboxes.Hint();
            return;
        }

        // Counted first: a worker lets go of its partitions and compares the count then, so one of the two notices.
        Mailboxes.Note();
        bool areInHand;
        lock (_lock)
            areInHand = partitions.All(_inHand.Contains);
        if (!areInHand)
            Mailboxes.Signal();
    }

    /// <summary>A batch took deliveries.</summary>
    internal void TookDeliveries(bool leavesMore)
    {
        lock (_lock)
            _fullBatches = leavesMore ? _fullBatches + 1 : 0;
    }

    /// <summary>A worker has this partition, until it lets go of it.</summary>
    internal void IsInHand(int partition)
    {
        lock (_lock)
            _inHand.Add(partition);
    }

    /// <summary>A worker lets go of these; before it compares <see cref="Wakeup.Count"/>.</summary>
    internal void AreFree(IEnumerable<int> partitions)
    {
        lock (_lock)
            _inHand.ExceptWith(partitions);
    }

    /// <summary>Whether another silo has any partition.</summary>
    internal bool KnowsOthers { get; private set; }

    /// <summary>Notes which partitions other silos have.</summary>
    internal void AreOthers(IReadOnlyCollection<int> partitions)
    {
        lock (_lock)
        {
            _others.Clear();
            _others.UnionWith(partitions);
            KnowsOthers = _others.Count > 0;
        }
    }

    /// <summary>Notes which partitions our silo has.</summary>
    internal void AreOurs(IEnumerable<int> partitions)
    {
        lock (_lock)
            _others.ExceptWith(partitions);
    }

    /// <summary>What the others weren't told yet.</summary>
    internal News TakeNews()
    {
        lock (_lock)
        {
            var news = new News(_isFilledSomewhere ? null : [.. _filled], _hasCommands);
            _filled.Clear();
            (_isFilledSomewhere, _hasCommands) = (false, false);
            return news;
        }
    }
}
