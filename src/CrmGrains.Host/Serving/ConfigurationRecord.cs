using CrmGrains.Core.Configuration;
using CrmGrains.Runtime.Storage;
using Dapper;
using Npgsql;

namespace CrmGrains.Host.Serving;

/// <summary>Keeps every configuration that comes into force, by its hash: ledger entries name it, and a turn can be repeated under it.</summary>
internal sealed class ConfigurationRecord(
    Configuration.Workspaces workspaces, ServeOptions options, NpgsqlDataSource database, TimeProvider time, ILogger<ConfigurationRecord> logger)
    : BackgroundService
{
    private const string Sql = "INSERT INTO configuration (hash, workspace, body) VALUES (@hash, @workspace, @body) ON CONFLICT (hash) DO NOTHING";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly HashSet<string> _recorded = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var configuration in workspaces.Current.Values.Where(one => !_recorded.Contains(one.Hash)).ToList())
                await RecordAsync(configuration, stoppingToken);
            await Task.Delay(Interval, time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private async Task RecordAsync(WorkspaceConfiguration configuration, CancellationToken cancellationToken)
    {
        try
        {
            // The file may have been changed since it was read; then the next look records what comes into force then.
            var body = await File.ReadAllTextAsync(Path.Combine(options.Workspaces, $"{configuration.Name}.yaml"), cancellationToken);
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await connection.ExecuteAsync(new CommandDefinition(
                Sql, new { hash = configuration.Hash, workspace = configuration.Name, body }, cancellationToken: cancellationToken));
            _recorded.Add(configuration.Hash);
        }
        catch (Exception exception) when (SqlState.IsTransient(exception) && !cancellationToken.IsCancellationRequested)
        {
            logger.RecordingFailed(configuration.Name, exception.Message);
        }
    }
}
