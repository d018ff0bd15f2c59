namespace CrmGrains.Simulation.Scheduling;

/// <summary>
/// A process of the simulated world, as the context on which its code runs: one continuation at a time, in the order that the scheduler
/// draws. A frozen one runs nothing until it is thawed; of a dead one nothing runs any more.
/// </summary>
internal sealed class Process(Scheduler scheduler, string name) : SynchronizationContext
{
    private readonly List<(SendOrPostCallback Callback, object? State)> _held = [];

    public string Name => name;

    public bool IsDead { get; private set; }

    public bool IsFrozen { get; private set; }

    /// <summary>Its clock; timers fire on its context.</summary>
    public SimulatedTime Time => field ??= new SimulatedTime(scheduler, this);

    public override void Post(SendOrPostCallback d, object? state) => scheduler.Add(this, d, state);

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("Nothing in the simulation may wait for another continuation.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Begins something on this process.</summary>
    public void Start(string what, Func<Task> work) => Post(_ => scheduler.Watch(this, what, work()), null);

    /// <summary>Everything in its memory is gone.</summary>
    public void Kill()
    {
        IsDead = true;
        _held.Clear();
    }

    public void Freeze() => IsFrozen = true;

    public void Thaw()
    {
        IsFrozen = false;
        foreach (var (callback, state) in _held)
            Post(callback, state);
        _held.Clear();
    }

    /// <summary>Keeps what can't run now.</summary>
    public void Hold(SendOrPostCallback callback, object? state) => _held.Add((callback, state));
}
