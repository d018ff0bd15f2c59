using System.Diagnostics.Metrics;
using CrmGrains.Core.Configuration;
using Dapper;
using Npgsql;

namespace CrmGrains.Host.Serving;

/// <summary>
/// What waits, and how long already: measured every few seconds for dashboards and alerts, by the processes with the console's role.
/// Counts stop at a bound, so that measuring a flood costs no more than measuring a brook.
/// </summary>
internal sealed class BacklogGauges : BackgroundService
{
    private const int MaxCount = 20_000;

    private const string Sql = """
        SELECT q.queue, count(m.sent_at) AS count, coalesce(extract(epoch FROM now() - min(m.sent_at)), 0)::float8 AS age
        FROM (VALUES ('mailboxes', 'mailbox', false), ('intake', 'intake_queue', false), ('intake_paused', 'intake_queue', true)) q (queue, kind, is_paused)
        LEFT JOIN partition p ON p.kind = q.kind AND coalesce(p.workspace || '/' || p.source = ANY (@paused), false) = q.is_paused
        LEFT JOIN LATERAL (SELECT x.sent_at FROM message x WHERE x.partition = p.id AND x.id > p.mark ORDER BY x.id LIMIT @max) m ON true
        GROUP BY q.queue
        UNION ALL
        SELECT 'commands', count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8
        FROM (SELECT created_at FROM command WHERE state IN ('waiting', 'sent') LIMIT @max) c
        UNION ALL
        SELECT 'commands_blocked', count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8
        FROM (SELECT created_at FROM command WHERE state = 'blocked' LIMIT @max) c
        UNION ALL
        SELECT 'reviews', count(*), coalesce(extract(epoch FROM now() - min(opened_at)), 0)::float8
        FROM (SELECT opened_at FROM review WHERE closed_at IS NULL LIMIT @max) r
        UNION ALL
        SELECT 'dead_letters', count(*), coalesce(extract(epoch FROM now() - min(died_at)), 0)::float8
        FROM (SELECT died_at FROM dead_letter WHERE ended_at IS NULL LIMIT @max) d
        """;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly NpgsqlDataSource _database;
    private readonly IWorkspaces _workspaces;
    private readonly TimeProvider _time;
    private readonly ILogger<BacklogGauges> _logger;
    private IReadOnlyList<(string Queue, long Count, double Age)> _measured = [];

    public BacklogGauges(
        NpgsqlDataSource database, IWorkspaces workspaces, IMeterFactory meters, TimeProvider time, ILogger<BacklogGauges> logger)
    {
        (_database, _workspaces, _time, _logger) = (database, workspaces, time, logger);
        var meter = meters.Create("CrmGrains.Host");
        meter.CreateObservableGauge(
            "backlog", () => _measured.Select(queue => new Measurement<long>(queue.Count, new KeyValuePair<string, object?>("queue", queue.Queue))),
            description: "What waits: messages, deliveries, deliveries of paused sources, commands, open reviews, open dead letters.");
        meter.CreateObservableGauge(
            "backlog_oldest_seconds",
            () => _measured.Select(queue => new Measurement<double>(queue.Age, new KeyValuePair<string, object?>("queue", queue.Queue))),
            "s", "How long the oldest of them has waited.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await _database.OpenConnectionAsync(stoppingToken);
                _measured = [.. await connection.QueryAsync<(string, long, double)>(new CommandDefinition(
                    Sql, new { max = MaxCount, paused = _workspaces.PausedSources.ToArray() }, cancellationToken: stoppingToken))];
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                _logger.MeasuringFailed(exception.Message);
            }

            await Task.Delay(Interval, _time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}
