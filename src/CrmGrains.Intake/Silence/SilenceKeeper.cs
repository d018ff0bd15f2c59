using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Loop;
using CrmGrains.Runtime.Silos;
using CrmGrains.Runtime.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Intake.Silence;

/// <summary>
/// Beside the batches: stores when deliveries came, and tells once of a source that is silent for longer than is usual or expected. Every
/// silo judges; the row decides who tells.
/// </summary>
public sealed class SilenceKeeper(
    SourceArrivals arrivals,
    IWorkspaces workspaces,
    NpgsqlDataSource database,
    Wakeups wakeups,
    SilenceMetrics metrics,
    IOptions<SilenceOptions> options,
    TimeProvider time,
    ILogger<SilenceKeeper> logger) : BackgroundService
{
    /// <summary>Does it once.</summary>
    /// <param name="now">Null: PostgreSQL's clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task TickAsync(DateTimeOffset? now, CancellationToken cancellationToken)
    {
        await using (var begin = database.CreateCommand(SilenceSql.Begin))
        {
            begin.Parameters.With(NpgsqlDbType.TimestampTz, now?.UtcDateTime);
            await begin.ExecuteNonQueryAsync(cancellationToken);
        }

        await StoreAsync(now, cancellationToken);
        var watched = await ReadAsync(now, cancellationToken);
        var silent = new List<SourceSilence>(watched.Count);
        foreach (var source in watched)
        {
            var isSilent = await JudgeAsync(source, now, cancellationToken);
            silent.Add(new SourceSilence(source.Workspace, source.Source, (source.Now - source.LastAt).TotalSeconds, isSilent));
        }

        metrics.Measured(silent);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await TickAsync(now: null, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                logger.WatchingFailed(exception.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(options.Value.Interval, time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private async Task StoreAsync(DateTimeOffset? now, CancellationToken cancellationToken)
    {
        foreach (var (source, came) in arrivals.Take())
        {
            try
            {
                await StoreAsync(source.Partition, came, now, cancellationToken);
            }
            catch
            {
                arrivals.Add(source, came);
                throw;
            }
        }
    }

    private async Task StoreAsync(int partition, Arrivals came, DateTimeOffset? now, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        Watched? known = null;
        await using (var open = new NpgsqlCommand(SilenceSql.Open, connection))
        {
            open.Parameters.Int(partition).With(NpgsqlDbType.TimestampTz, now?.UtcDateTime);
            await using var reader = await open.ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken))
                known = Read(reader);
        }

        if (known is null)
            return;
        var rhythm = known.Rhythm ?? Rhythm.From(came.First);
        await using var write = new NpgsqlCommand(SilenceSql.Write, connection);
        write.Parameters
            .Int(partition)
            .Text(JsonSerializer.Serialize(rhythm.With(came, known.Rhythm is null ? came.First : known.LastAt, known.IsSilent), RhythmJson.Default.Rhythm))
            .With(NpgsqlDbType.TimestampTz, came.Last.UtcDateTime);
        await write.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<bool> JudgeAsync(Watched watched, DateTimeOffset? now, CancellationToken cancellationToken)
    {
        var source = workspaces.Find(watched.Workspace)?.Sources.GetValueOrDefault(watched.Source);

        // One that is paused or isn't configured any more may be silent.
        var fault = source is null || source.IsPaused
            ? null
            : SilenceRule.Fault(watched.Rhythm ?? Rhythm.From(watched.LastAt), watched.LastAt, source, watched.Now);
        if (fault is not null == watched.IsSilent)
            return watched.IsSilent;
        await using var command = database.CreateCommand(fault is null ? SilenceSql.Close : SilenceSql.Raise);
        command.Parameters.Int(watched.Partition);
        if (fault is not null)
            command.Parameters.With(NpgsqlDbType.TimestampTz, watched.LastAt.UtcDateTime);
        command.Parameters.With(NpgsqlDbType.Text, NoticeOf(watched, fault).ToUtf8());
        if (fault is not null)
            command.Parameters.With(NpgsqlDbType.TimestampTz, now?.UtcDateTime);
        if (await command.ExecuteNonQueryAsync(cancellationToken) > 0)
            wakeups.MailboxesFilled();
        return fault is not null;
    }

    private static WatchNotice NoticeOf(Watched watched, string? fault) => new()
    {
        Outcome = fault is null ? "source_heard" : "source_silent",
        Key = $"silence/{watched.Source}",
        Reason = fault is null ? null : "source_silent",
        Summary = fault is null ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"Source {watched.Source} has been silent since {watched.LastAt:yyyy-MM-dd HH:mm} UTC; {fault}. See whether its sender still sends and is answered 202."),
        Resolution = fault is null ? "heard_again" : null,
    };

    private async Task<List<Watched>> ReadAsync(DateTimeOffset? now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SilenceSql.Read);
        command.Parameters.With(NpgsqlDbType.TimestampTz, now?.UtcDateTime);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var watched = new List<Watched>();
        while (await reader.ReadAsync(cancellationToken))
            watched.Add(Read(reader));
        return watched;
    }

    private static Watched Read(NpgsqlDataReader row) => new(
        row.GetInt32(0), row.GetString(1), row.GetString(2),
        row.GetString(3) is { Length: > 0 } body ? JsonSerializer.Deserialize(body, RhythmJson.Default.Rhythm) : null,
        row.GetFieldValue<DateTimeOffset>(4), IsSilent: !row.IsDBNull(5), row.GetFieldValue<DateTimeOffset>(6));

    private sealed record Watched(
        int Partition, string Workspace, string Source, Rhythm? Rhythm, DateTimeOffset LastAt, bool IsSilent, DateTimeOffset Now);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Rhythm))]
internal sealed partial class RhythmJson : JsonSerializerContext;
