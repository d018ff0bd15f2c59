using System.Diagnostics.Metrics;
using CrmGrains.Core.Configuration;
using CrmGrains.Runtime.Autonomy;
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
    private static readonly TimeSpan AloneLook = TimeSpan.FromSeconds(2);

    private readonly SiloOptions _options;
    private readonly BatchRunner _batches;
    private readonly IntakeBrake _brake;
    private readonly Wakeups _wakeups;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private int _running;
    private long _lookedAt;

    /// <summary>A silo over the database's partitions.</summary>
    public Silo(
        EngineDatabase database,
        IWorkspaces workspaces,
        IEnumerable<ITurns> otherTurns,
        IOptions<SiloOptions> options,
        Wakeups wakeups,
        IMeterFactory meters,
        TimeProvider time,
        ILogger<Silo> logger,
        GrantedActions? granted = null)
        : this(
            Guid.NewGuid(), new PostgresStore(database, time), workspaces, GrainHandler.All, otherTurns, options.Value, wakeups, meters, time,
            logger, granted)
    {
    }

    /// <summary>A silo over any store, with any kinds of grains.</summary>
    internal Silo(
        Guid id,
        IEngineStore store,
        IWorkspaces workspaces,
        IReadOnlyDictionary<string, GrainHandler> handlers,
        IEnumerable<ITurns> otherTurns,
        SiloOptions options,
        Wakeups wakeups,
        IMeterFactory meters,
        TimeProvider time,
        ILogger logger,
        GrantedActions? granted = null)
    {
        Id = id;
        _options = options;
        _wakeups = wakeups;
        _time = time;
        _logger = logger;
        var activations = new Activations(Math.Max(1, _options.CachedStates / Core.Grains.MailboxPartition.Count));
        _brake = new IntakeBrake(store, workspaces, _options, time, logger);
        _batches = new BatchRunner(
            Id, store, [new GrainTurns(workspaces, activations, handlers, granted), .. otherTurns], activations, _options, _brake, wakeups,
            new SiloMetrics(meters), time, logger);
    }

    /// <summary>This process's silo, in partitions and ledger entries.</summary>
    public Guid Id { get; }

    /// <summary>Runs one batch, for whoever drives the engine step by step.</summary>
    internal async Task<int> RunBatchAsync(CancellationToken cancellationToken) =>
        await _batches.RunAsync(takesOver: true, CancellationToken.None, cancellationToken) ?? 0;

    /// <summary>Where the scans of a mailbox start.</summary>
    internal long MarkOf(int partition) => _batches.MarkOf(partition);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _logger.Started(Id, _options.Workers);
        await Task.WhenAll(Enumerable.Range(0, _options.Workers)
            .Select(worker => Task.Run(() => WorkAsync(worker, stoppingToken), CancellationToken.None)));
        _logger.Stopped(Id);
    }

    /// <summary>
    /// One worker, on whatever context it is called: wait, look, run. Asked to stop, it finishes its batch and starts no other. Whoever is
    /// called runs at once; whoever is not looks first.
    /// </summary>
    internal async Task WorkAsync(int worker, CancellationToken stoppingToken)
    {
        // One worker polling is enough to find what nobody told this silo of.
        var poll = worker == 0 ? _options.PollInterval : _options.PollInterval * 20;
        var retry = FirstRetry;
        var isCalled = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (_brake.IsHolding)
                    await _brake.MeasureAsync(stoppingToken);
                var hasRun = isCalled && await RunWhileThereIsWorkAsync(takesOver: false, stoppingToken);
                var peeked = (hasRun || Volatile.Read(ref _running) > 0) && !IsLookDue() ? default : await LookAsync(hasRun, stoppingToken);
                isCalled = peeked.HasWork && await RunWhileThereIsWorkAsync(takesOver: true, stoppingToken)
                    || await RestAsync(peeked.HasOthersWork ? _options.StealAfter : poll, stoppingToken);
                retry = FirstRetry;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                _logger.BatchFailed(exception.Message, retry);
                await Task.Delay(retry, _time, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                retry = retry * 2 < LastRetry ? retry * 2 : LastRetry;
            }
        }
    }

    // What others have left is looked for also by a silo that is called again and again for little.
    private bool IsLookDue() => _time.GetElapsedTime(_lookedAt) >= (_wakeups.KnowsOthers ? _options.StealAfter : AloneLook);

    private async Task<Peeked> LookAsync(bool isBusy, CancellationToken stoppingToken)
    {
        _lookedAt = _time.GetTimestamp();
        var peeked = await _batches.PeekAsync(isBusy, stoppingToken);
        _wakeups.AreOthers(peeked.Others);
        return peeked;
    }

    // True where there is something for this silo. What is another's is left to it for a while; then it is looked whether it was.
    private async Task<bool> RestAsync(TimeSpan atMost, CancellationToken stoppingToken)
    {
        var call = await _wakeups.Mailboxes.WaitAsync(atMost, stoppingToken);
        var since = _time.GetTimestamp();
        while (call == Call.OfAnother && _options.StealAfter - _time.GetElapsedTime(since) is var left && left > TimeSpan.Zero)
            call = await _wakeups.Mailboxes.WaitAsync(left, stoppingToken);
        return call == Call.OfOurs;
    }

    // Until little was taken and nobody has called meanwhile: calls for what a worker has in hand wake nobody else. False where nothing could
    // be claimed.
    private async Task<bool> RunWhileThereIsWorkAsync(bool takesOver, CancellationToken stoppingToken)
    {
        for (var hasRun = false; ; (hasRun, takesOver) = (true, false))
        {
            var calls = _wakeups.Mailboxes.Count;
            var turns = await RunAsync(takesOver, stoppingToken);
            if (turns is null || stoppingToken.IsCancellationRequested)
                return hasRun || turns > 0;
            if (turns < _options.BatchSize / 4 && calls == _wakeups.Mailboxes.Count)
                return true;
            if (turns >= _options.BatchSize / 4)
                await _brake.MeasureAsync(stoppingToken);
        }
    }

    private async Task<int?> RunAsync(bool takesOver, CancellationToken stoppingToken)
    {
        using var batch = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        await using var stop = stoppingToken.Register(() => batch.CancelAfter(_options.StopTimeout));
        Interlocked.Increment(ref _running);
        try
        {
            return await _batches.RunAsync(takesOver, stoppingToken, batch.Token);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
