using CrmGrains.Core.Configuration;
using CrmGrains.Runtime.Silos;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CrmGrains.Intake.Drift;

/// <summary>
/// Beside the batches: stores what was learned, raises alerts of what holds nothing, reads what others learned and accepted, and releases
/// what a mended map or a person set free. Any number of processes do it at once.
/// </summary>
public sealed class DriftKeeper(
    DriftSentinel sentinel,
    IWorkspaces workspaces,
    NpgsqlDataSource database,
    Wakeups wakeups,
    DriftMetrics metrics,
    IOptions<DriftOptions> options,
    TimeProvider time,
    ILogger<DriftKeeper> logger) : BackgroundService
{
    /// <summary>Does it once.</summary>
    public async Task TickAsync(CancellationToken cancellationToken)
    {
        foreach (var watch in sentinel.Watches)
        {
            foreach (var shape in watch.Types)
                await DriftStore.StoreAsync(database, watch, shape, cancellationToken);
            if (watch.TakeNoted() is { Count: > 0 } noted)
            {
                await DriftStore.RaiseAsync(database, noted, cancellationToken);
                wakeups.MailboxesFilled();
            }

            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await DriftStore.LoadAsync(connection, watch, cancellationToken);
        }

        await SettleAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await TryAsync(stoppingToken);
            await Task.Delay(options.Value.Interval, time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await TickAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.KeepingFailed(exception.Message);
        }
        catch (OperationCanceledException)
        {
            // The process stops; what isn't stored yet is lost, and learned again.
        }
    }

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        var waiting = new List<DriftWaiting>();
        await using (var command = database.CreateCommand(DriftSql.Waiting))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                waiting.Add(new DriftWaiting(reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3)));
        }

        metrics.Measured(waiting);
        foreach (var (workspace, source, _, _) in waiting)
        {
            // One that isn't configured here any more waits for the configuration to come back.
            if (workspaces.Find(workspace)?.Sources.GetValueOrDefault(source) is { } configured
                && await DriftAlerts.SettleAsync(database, workspace, source, MappedPaths.Of(configured).Version, cancellationToken) > 0)
            {
                wakeups.MailboxesFilled();
            }
        }
    }
}
