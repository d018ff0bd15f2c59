namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// How far the waiting commands of one object were read. Ids are given out before they are committed, so a lower one may turn up after a
/// higher one was read: the mark moves there only when every transaction that was running then has ended.
/// </summary>
internal sealed class ReadMark
{
    private long _candidate;
    private long _candidateXmax = long.MaxValue;

    /// <summary>Everything up to here is held, or isn't waiting.</summary>
    public long After { get; private set; }

    /// <summary>Whether the last read stopped for want of room.</summary>
    public bool IsMoreWaiting { get; private set; }

    /// <summary>A read was taken in.</summary>
    /// <param name="last">The highest id up to which everything was; null where nothing was found.</param>
    /// <param name="isMoreWaiting">Whether there may be more behind it.</param>
    /// <param name="xmin">The oldest transaction that was running during the read.</param>
    /// <param name="xmax">The first that had not begun.</param>
    public void Moved(long? last, bool isMoreWaiting, long xmin, long xmax)
    {
        IsMoreWaiting = isMoreWaiting;
        if (_candidateXmax <= xmin)
        {
            // A read that stopped for want of room may have stopped before what turned up late.
            After = Math.Max(After, isMoreWaiting ? Math.Min(_candidate, last ?? After) : _candidate);
            _candidateXmax = long.MaxValue;
        }

        // A candidate that waits is left to become the mark; one that moves with every read never would.
        if (last > After && _candidateXmax == long.MaxValue)
            (_candidate, _candidateXmax) = (last.Value, xmax);
    }

    /// <summary>Something with this id waits again.</summary>
    public void Reopened(long id)
    {
        After = Math.Min(After, id - 1);
        _candidateXmax = long.MaxValue;
        IsMoreWaiting = true;
    }

    /// <summary>The next read begins with the oldest.</summary>
    public void Sweep()
    {
        After = 0;
        _candidateXmax = long.MaxValue;
    }
}
