using CrmGrains.Intake.Lanes;
using CrmGrains.Runtime.Silos;
using CrmGrains.Runtime.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Intake.Replays;

/// <summary>
/// Sends the deliveries of replays through their queues once more: one process at a time, one replay after another, at its own rate, and
/// only while little waits. Whoever holds the session's lock runs them; with the session both are gone.
/// </summary>
public sealed class ReplayLane(
    string connectionString,
    IOptions<ReplayOptions> options,
    Wakeups wakeups,
    ReplayMetrics metrics,
    TimeProvider time,
    ILogger<ReplayLane> logger) : BackgroundService
{
    // Of the lanes that have a lock.
    private const int LockNumber = 1;

    // Some deliveries at a time: a live one that comes in behind them waits for few.
    private const int BatchesPerSecond = 10;

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenBatches = TimeSpan.FromSeconds(1) / BatchesPerSecond;

    private readonly ReplayOptions _options = options.Value;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await LaneConnection.OpenAsync(
                    connectionString, "replay", LockNumber, _options.PollInterval, time, stoppingToken);
                await RunAsync(connection, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                logger.Interrupted(Retry, exception.Message);
                await Task.Delay(Retry, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>One step of the replay that is next, on a connection that holds the lock.</summary>
    /// <returns>How long to wait before the next one.</returns>
    internal async Task<TimeSpan> StepAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await ValueAsync<long>(connection, ReplaySql.Running, null, cancellationToken) is not { } replay)
            return _options.PollInterval;
        if (await ValueAsync<long>(connection, ReplaySql.Backlog, _options.MostWaiting, cancellationToken) >= _options.MostWaiting)
        {
            metrics.Waited();
            return BetweenBatches;
        }

        var (sent, isSent) = await SendAsync(connection, replay, cancellationToken);
        if (sent > 0)
        {
            metrics.Sent(sent);
            wakeups.MailboxesFilled();
        }

        if (isSent)
            logger.Sent(replay);
        if (sent == 0 && await CompleteAsync(connection, replay, cancellationToken))
            logger.Completed(replay);
        return BetweenBatches;
    }

    private async Task RunAsync(NpgsqlConnection connection, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
            await Task.Delay(await StepAsync(connection, stoppingToken), time, stoppingToken);
    }

    private async Task<(long Sent, bool IsSent)> SendAsync(NpgsqlConnection connection, long replay, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReplaySql.Feed, connection);
        command.Parameters.With(NpgsqlDbType.Bigint, replay).Int(_options.MostScanned).Int(Math.Max(1, _options.PerSecond / BatchesPerSecond));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetInt64(0), reader.GetBoolean(1)) : (0, false);
    }

    private static async Task<bool> CompleteAsync(NpgsqlConnection connection, long replay, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReplaySql.Complete, connection);
        command.Parameters.With(NpgsqlDbType.Bigint, replay);
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    private static async Task<T?> ValueAsync<T>(NpgsqlConnection connection, string sql, int? value, CancellationToken cancellationToken)
        where T : struct
    {
        await using var command = new NpgsqlCommand(sql, connection);
        if (value is { } number)
            command.Parameters.Int(number);
        return await command.ExecuteScalarAsync(cancellationToken) is T found ? found : null;
    }
}
