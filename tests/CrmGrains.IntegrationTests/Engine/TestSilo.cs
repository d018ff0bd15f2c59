using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CrmGrains.Core.Configuration;
using CrmGrains.Runtime.Silos;
using CrmGrains.Runtime.Storage;
using CrmGrains.Runtime.Turns;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CrmGrains.IntegrationTests.Engine;

/// <summary>A silo with connections of its own, as a process has them.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    // Halvings from a full batch to one message, twice.
    private const int MostSplits = 20;

    private readonly EngineDatabase _database;
    private readonly Meters _meters = new();
    private readonly Silo _silo;

    public TestSilo(string connectionString, IWorkspaces workspaces, SiloOptions options, params ITurns[] turns)
    {
        Name = $"silo-{Guid.NewGuid():N}"[..16];
        _database = new EngineDatabase(connectionString, options.Workers + 4);
        _silo = new Silo(
            _database, workspaces, turns, Options.Create(options), Wakeups, _meters, TimeProvider.System, new LogLines<Silo>(Log));
    }

    public string Name { get; }

    public Guid Id => _silo.Id;

    public Wakeups Wakeups { get; } = new(TimeProvider.System);

    /// <summary>What it logged, oldest first.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    public NpgsqlDataSource Source => _database.Source;

    /// <summary>Where its scans of a mailbox start.</summary>
    public long MarkOf(int partition) => _silo.MarkOf(partition);

    public Task StartAsync() => _silo.StartAsync(CancellationToken.None);

    public Task StopAsync() => _silo.StopAsync(CancellationToken.None);

    /// <summary>Runs one batch.</summary>
    public Task<int> RunAsync() => _silo.RunBatchAsync(CancellationToken.None);

    /// <summary>Runs batches until many in a row found nothing. One that was rolled back to be split is nothing too.</summary>
    public async Task<int> RunUntilIdleAsync()
    {
        var turns = 0;
        for (var idle = 0; idle < MostSplits;)
        {
            var ran = await RunAsync();
            turns += ran;
            idle = ran == 0 ? idle + 1 : 0;
        }

        return turns;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _silo.Dispose();
        await _database.DisposeAsync();
        _meters.Dispose();
    }

    private sealed class Meters : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }

        public void Dispose() => _meters.ForEach(meter => meter.Dispose());
    }

    private sealed class LogLines<T>(ConcurrentQueue<string> lines) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel} {eventId.Id} {formatter(state, exception)}");
    }
}
