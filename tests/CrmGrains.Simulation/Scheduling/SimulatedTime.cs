namespace CrmGrains.Simulation.Scheduling;

/// <summary>The clock of a process: it stands still while code runs, and timers fire when the scheduler lets them.</summary>
internal sealed class SimulatedTime(Scheduler scheduler, Process process) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => scheduler.Now;

    // A machine that has just been started would be at zero; nothing may take that for «never».
    public override long GetTimestamp() => scheduler.Elapsed.Ticks + TimeSpan.TicksPerHour;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(scheduler, process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}

/// <summary>One timer; it fires on its process's context, so not while that is frozen, and never once it is dead.</summary>
internal sealed class SimulatedTimer(Scheduler scheduler, Process process, TimerCallback callback, object? state) : ITimer
{
    private int _setting;
    private bool _isSet;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (period != Timeout.InfiniteTimeSpan && period != TimeSpan.Zero)
            throw new NotSupportedException("Timers of the simulation fire once.");
        _setting++;
        _isSet = dueTime >= TimeSpan.Zero;
        if (_isSet)
            scheduler.Add(this, scheduler.Now + dueTime, _setting);
        return true;
    }

    public bool IsSet(int setting) => _isSet && setting == _setting && !process.IsDead;

    public void Fire()
    {
        _isSet = false;
        process.Post(_ => callback(state), null);
    }

    public void Dispose() => _isSet = false;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
