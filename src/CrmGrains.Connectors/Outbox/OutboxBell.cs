namespace CrmGrains.Connectors.Outbox;

/// <summary>What others tell an account's loop, from any thread. Two at once are one.</summary>
internal sealed class OutboxBell(TimeProvider time)
{
    private readonly Signal _signal = new(time);
    private int _isWoken;
    private int _isSweepWanted;

    /// <summary>Something happened in this process that the loop should look at.</summary>
    public void Ring() => _signal.Set();

    /// <summary>New commands may be waiting.</summary>
    public void Wake()
    {
        Volatile.Write(ref _isWoken, 1);
        _signal.Set();
    }

    /// <summary>Commands may be waiting again that were read before.</summary>
    public void Sweep()
    {
        Volatile.Write(ref _isSweepWanted, 1);
        Wake();
    }

    public bool TakeWake() => Interlocked.Exchange(ref _isWoken, 0) == 1;

    public bool TakeSweep() => Interlocked.Exchange(ref _isSweepWanted, 0) == 1;

    public Task WaitAsync(TimeSpan atMost) => _signal.WaitAsync(atMost);
}
