using System.Diagnostics.Metrics;
using CrmGrains.Core.Grains;
using CrmGrains.Runtime.Silos;
using CrmGrains.Runtime.Turns;
using CrmGrains.Simulation.Scheduling;
using CrmGrains.Simulation.Store;
using Microsoft.Extensions.Logging;

namespace CrmGrains.Simulation.World;

/// <summary>A silo as a process: the engine's own, with its workers, until it is crashed or asked to stop.</summary>
internal sealed class SimulatedSilo
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _workers = [];
    private readonly MemoryStore _store;

    public SimulatedSilo(
        string name, Guid id, SiloOptions options, Script script, Database database, NetworkFaults faults, Scheduler scheduler,
        IMeterFactory meters)
    {
        Process = new Process(scheduler, name);
        Wakeups = new Wakeups(Process.Time);
        _store = new MemoryStore(database, faults, scheduler, Process, id);
        Silo = new Silo(
            id, _store, new OneWorkspace(), new Dictionary<string, GrainHandler> { [GrainKind.Customer] = new ScriptedGrain(script) },
            [new ScriptedIntake(script)], options, Wakeups, meters, Process.Time, new LogLines(scheduler, name));
        for (var worker = 0; worker < options.Workers; worker++)
        {
            var number = worker;
            Process.Start($"worker {number}", () =>
            {
                var work = Silo.WorkAsync(number, _stop.Token);
                _workers.Add(work);
                return work;
            });
        }
    }

    public Process Process { get; }

    public Silo Silo { get; }

    public Wakeups Wakeups { get; }

    public IReadOnlyList<Session> Sessions => _store.Sessions;

    /// <summary>Whether all of its workers have come to their end.</summary>
    public bool HasStopped => _stop.IsCancellationRequested && _workers.TrueForAll(worker => worker.IsCompleted);

    /// <summary>It loses its memory; its connections close.</summary>
    public void Crash()
    {
        Process.Kill();
        foreach (var session in _store.Sessions)
            session.Abandon();
    }

    /// <summary>It finishes what it has begun.</summary>
    public void Stop() => Process.Post(_ => _stop.Cancel(), null);

    private sealed class LogLines(Scheduler scheduler, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                scheduler.Note(name, $"log {eventId.Id} {formatter(state, exception)}");
        }
    }
}
