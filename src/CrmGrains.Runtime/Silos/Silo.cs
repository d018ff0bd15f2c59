using System.Diagnostics.Metrics;
using CrmGrains.Core.Configuration;
using CrmGrains.Runtime.Storage;
using CrmGrains.Runtime.Turns;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CrmGrains.Runtime.Silos;

/// <summary>A process that runs grains. Any number of them work on one database; each takes what the others have left.</summary>
public sealed class Silo : BackgroundService
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(2);

    private readonly SiloOptions _options;
    private readonly BatchRunner _batches;
    private readonly IntakeBrake _brake;
    private readonly Wakeups _wakeups;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>A silo over the database's partitions.</summary>
    public Silo(
        EngineDatabase database,
        IWorkspaces workspaces,
        IEnumerable<ITurns> otherTurns,
        IOptions<SiloOptions> options,
        Wakeups wakeups,
        IMeterFactory meters,
        TimeProvider time,
        ILogger<Silo> logger)
    {
        _options = options.Value;
        _wakeups = wakeups;
        _time = time;
        _logger = logger;
        var activations = new Activations(Math.Max(1, _options.CachedStates / Core.Grains.MailboxPartition.Count));
        _brake = new IntakeBrake(database, _options, time, logger);
        _batches = new BatchRunner(
            Id, database, [new GrainTurns(workspaces, activations, GrainHandler.All), .. otherTurns], activations, _options, _brake, wakeups,
            new SiloMetrics(meters), time, logger);
    }

    /// <summary>This process's silo, in partitions and ledger entries.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>Runs one batch, for whoever drives the engine step by step.</summary>
    internal Task<int> RunBatchAsync(CancellationToken cancellationToken) => _batches.RunAsync(CancellationToken.None, cancellationToken);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _logger.Started(Id, _options.Workers);
        await Task.WhenAll(Enumerable.Range(0, _options.Workers)
            .Select(worker => Task.Run(() => WorkAsync(worker, stoppingToken), CancellationToken.None)));
        _logger.Stopped(Id);
    }

    // Look, wait, run. Asked to stop, it finishes its batch and starts no other.
    private async Task WorkAsync(int worker, CancellationToken stoppingToken)
    {
        // One worker polling is enough to find what nobody told this silo of.
        var poll = worker == 0 ? _options.PollInterval : _options.PollInterval * 20;
        var retry = FirstRetry;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (_brake.HeldBack.Length > 0)
                    await _brake.MeasureAsync(stoppingToken);
                var found = await _batches.PeekAsync(stoppingToken);
                if (found == 0)
                    await _wakeups.Mailboxes.WaitAsync(poll, stoppingToken);
                else if (found == 1 || !await RunWhileThereIsABacklogAsync(stoppingToken))
                    await _wakeups.Mailboxes.WaitAsync(_options.StealAfter, stoppingToken);
                retry = FirstRetry;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                _logger.BatchFailed(exception.Message, retry);
                await Task.Delay(retry, _time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
                retry = retry * 2 < LastRetry ? retry * 2 : LastRetry;
            }
        }
    }

    // False where nothing could be claimed: another worker has it.
    private async Task<bool> RunWhileThereIsABacklogAsync(CancellationToken stoppingToken)
    {
        for (var hasRun = false; ; hasRun = true)
        {
            using var batch = new CancellationTokenSource();
            await using var stop = stoppingToken.Register(() => batch.CancelAfter(_options.StopTimeout));
            var turns = await _batches.RunAsync(stoppingToken, batch.Token);
            if (turns < _options.BatchSize / 4 || stoppingToken.IsCancellationRequested)
                return hasRun || turns > 0;
            await _brake.MeasureAsync(stoppingToken);
        }
    }
}
