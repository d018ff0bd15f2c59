namespace CrmGrains.Simulation.Scheduling;

/// <summary>
/// Runs everything on the thread that calls it: of what could go on, one continuation at a time, drawn by the seed; the clock moves when
/// nothing can go on, and now and then before.
/// </summary>
internal sealed class Scheduler(Chance chance, Trace trace)
{
    private const double TimePasses = 0.02;
    private const int StepsBetweenLooks = 16;

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(2);

    private static readonly DateTimeOffset Beginning = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<(Process Process, SendOrPostCallback Callback, object? State)> _ready = [];
    private readonly PriorityQueue<(SimulatedTimer Timer, int Setting), (DateTimeOffset DueAt, long Order)> _timers = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private long _timersSet;

    public DateTimeOffset Now { get; private set; } = Beginning;

    /// <summary>Since the beginning.</summary>
    public TimeSpan Elapsed => Now - Beginning;

    public long Steps { get; private set; }

    /// <summary>What went wrong in code that nobody awaits; null as long as nothing did.</summary>
    public string? Fault { get; private set; }

    public void Add(Process process, SendOrPostCallback callback, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
            Fault = $"A continuation of {process.Name} escaped to another thread: the run can't be repeated.";
        if (!process.IsDead)
            _ready.Add((process, callback, state));
    }

    public void Add(SimulatedTimer timer, DateTimeOffset dueAt, int setting) =>
        _timers.Enqueue((timer, setting), (dueAt, ++_timersSet));

    /// <summary>Runs one continuation, or moves the clock.</summary>
    /// <returns>False where nothing is left that could ever go on.</returns>
    public bool Step()
    {
        Steps++;
        if (_ready.Count == 0)
            return PassTime();
        if (chance.Is(TimePasses))
            PassTime(atMost: chance.Between(TimeSpan.Zero, Moment));

        var place = chance.Below(_ready.Count);
        var (process, callback, state) = _ready[place];
        _ready[place] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        if (process.IsFrozen)
            process.Hold(callback, state);
        else if (!process.IsDead)
            Run(process, callback, state);
        return true;
    }

    /// <summary>Runs until something is so, at most so many steps and so long, and only as long as all is well.</summary>
    /// <returns>Whether it came to be so.</returns>
    public bool RunUntil(Func<bool> isSo, Func<bool> isWell, long mostSteps, TimeSpan atMost)
    {
        var (lastStep, end) = (Steps + mostSteps, Now + atMost);
        while (Fault is null && Steps < lastStep && Now < end && isWell())
        {
            if (isSo())
                return true;
            for (var i = 0; i < StepsBetweenLooks && Fault is null; i++)
            {
                if (!Step())
                    return isSo();
            }
        }

        return false;
    }

    public void Note(string who, string what) => trace.Add(Steps, Elapsed, who, what);

    /// <summary>Fails the run where the work ends with an exception.</summary>
    public void Watch(Process process, string what, Task work) => _ = work.ContinueWith(
        ended => Fault ??= $"{process.Name}, {what}: {ended.Exception?.InnerException}",
        CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    // To the next timer, or only as far as given.
    private bool PassTime(TimeSpan? atMost = null)
    {
        var end = Now + atMost;
        while (_timers.TryPeek(out var next, out var due) && !(due.DueAt > end))
        {
            _timers.Dequeue();
            if (!next.Timer.IsSet(next.Setting))
                continue;
            Now = due.DueAt > Now ? due.DueAt : Now;
            next.Timer.Fire();
            return true;
        }

        Now = end ?? Now;
        return end is not null;
    }

    private void Run(Process process, SendOrPostCallback callback, object? state)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(process);
        try
        {
            callback(state);
        }
        catch (Exception exception)
        {
            Fault ??= $"{process.Name}: {exception}";
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }
}
