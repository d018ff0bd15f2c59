namespace CrmGrains.Runtime.Silos;

/// <summary>
/// Who is to be woken when something was committed: this process at once, the others through the database. Silos are told which partitions
/// it is about, so that what is one's isn't looked for by all.
/// </summary>
public sealed class Wakeups(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly HashSet<int> _others = [];
    private readonly HashSet<int> _filled = [];
    private bool _isFilledSomewhere;
    private bool _hasCommands;

    /// <summary>The silo's workers: there are messages.</summary>
    public Wakeup Mailboxes { get; } = new(time);

    /// <summary>The outbox: there are commands.</summary>
    public Wakeup Commands { get; } = new(time);

    /// <summary>The notifier: another process may have to be told.</summary>
    public Wakeup Others { get; } = new(time);

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

    /// <summary>Calls this process's silo for partitions that were filled here or elsewhere.</summary>
    public void Call(IReadOnlyCollection<int> partitions)
    {
        bool isOthers;
        lock (_lock)
            isOthers = partitions.All(_others.Contains);
        if (isOthers)
            Mailboxes.Hint();
        else
            Mailboxes.Signal();
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
