using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Lanes;
using CrmGrains.Intake.Replays;
using CrmGrains.Runtime.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Intake.Retention;

/// <summary>
/// Purges what was kept long enough: one process at a time, in small transactions with a rest after each, and only while little waits. Whoever
/// holds the session's lock does it; with the session both are gone.
/// </summary>
public sealed class RetentionLane(
    string connectionString,
    IWorkspaces workspaces,
    IOptions<RetentionOptions> options,
    RetentionMetrics metrics,
    TimeProvider time,
    ILogger<RetentionLane> logger) : BackgroundService
{
    // Of the lanes that have a lock.
    private const int LockNumber = 2;

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(10);

    private readonly RetentionOptions _options = options.Value;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await LaneConnection.OpenAsync(
                    connectionString, "retention", LockNumber, _options.Interval, time, stoppingToken);
                while (true)
                {
                    await RunAsync(connection, stoppingToken);
                    await Task.Delay(_options.Interval, time, stoppingToken);
                }
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

    /// <summary>One round over all workspaces and classes.</summary>
    internal async Task RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var now = await NowAsync(connection, cancellationToken);
        foreach (var name in await ListAsync<string>(connection, RetentionSql.Workspaces, null, cancellationToken))
        {
            // A workspace whose file is away keeps everything.
            if (workspaces.Find(name) is not { } workspace)
                continue;
            foreach (var one in RetentionClass.All)
                await RunAsync(connection, workspace, one, now - one.Stays(workspace.Retention), cancellationToken);
        }
    }

    // One class that fails doesn't keep the others.
    private async Task RunAsync(
        NpgsqlConnection connection, WorkspaceConfiguration workspace, RetentionClass one, DateTimeOffset before, CancellationToken cancellationToken)
    {
        try
        {
            DateTimeOffset? oldest = null;
            IReadOnlyList<int> parts = one.HasChains ? await ListAsync<int>(connection, RetentionSql.Chains, workspace.Name, cancellationToken) : [0];
            foreach (var part in parts)
            {
                var left = await RunAsync(connection, workspace.Name, one, part, before, cancellationToken);
                oldest = oldest is null || left < oldest ? left ?? oldest : oldest;
            }

            metrics.Oldest(workspace.Name, one.Name, oldest);
        }
        catch (PostgresException exception)
        {
            metrics.Failed(workspace.Name, one.Name);
            logger.ClassFailed(one.Name, workspace.Name, exception.MessageText);
            if (SqlState.IsTransient(exception))
                throw;
        }
    }

    private async Task<DateTimeOffset?> RunAsync(
        NpgsqlConnection connection, string workspace, RetentionClass one, int part, DateTimeOffset before, CancellationToken cancellationToken)
    {
        while (true)
        {
            while (await IsBusyAsync(connection, cancellationToken))
                await Task.Delay(_options.Rest + TimeSpan.FromMilliseconds(100), time, cancellationToken);
            var (purged, seen, oldest) = await StepAsync(connection, workspace, one, part, before, cancellationToken);
            if (purged > 0)
                metrics.Purged(workspace, one.Name, purged);
            if (seen < _options.BatchSize)
                return oldest;
            await Task.Delay(_options.Rest, time, cancellationToken);
        }
    }

    private async Task<(long Purged, long Seen, DateTimeOffset? Oldest)> StepAsync(
        NpgsqlConnection connection, string workspace, RetentionClass one, int part, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(one.Sql, connection);
        command.Parameters
            .Text(workspace)
            .Int(part)
            .With(NpgsqlDbType.TimestampTz, before.UtcDateTime)
            .Int(_options.BatchSize)
            .With(NpgsqlDbType.Uuid, DeliveryIds.Before(before));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2));
    }

    private async Task<bool> IsBusyAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReplaySql.Backlog, connection);
        command.Parameters.Int(_options.MostWaiting);
        return await command.ExecuteScalarAsync(cancellationToken) is long waiting && waiting >= _options.MostWaiting;
    }

    private static async Task<DateTimeOffset> NowAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT clock_timestamp()", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetFieldValue<DateTimeOffset>(0);
    }

    private static async Task<List<T>> ListAsync<T>(NpgsqlConnection connection, string sql, string? workspace, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        if (workspace is not null)
            command.Parameters.Text(workspace);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var list = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            list.Add(reader.GetFieldValue<T>(0));
        return list;
    }
}
