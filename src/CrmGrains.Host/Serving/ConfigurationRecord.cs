using System.Collections.Concurrent;
using System.Text;
using CrmGrains.Core.Configuration;
using CrmGrains.Host.Configuration;
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

    private readonly ConcurrentQueue<(WorkspaceConfiguration Configuration, string Body)> _pending = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var following = workspaces.OnChange(Keep);
        foreach (var configuration in workspaces.Current.Values)
            Keep(configuration);
        while (!stoppingToken.IsCancellationRequested)
        {
            while (_pending.TryPeek(out var next) && await IsRecordedAsync(next.Configuration, next.Body, stoppingToken))
                _pending.TryDequeue(out _);
            await Task.Delay(Interval, time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    // At once, while the file is what came into force: it may be changed again before the database has it.
    private void Keep(WorkspaceConfiguration configuration)
    {
        try
        {
            var bytes = File.ReadAllBytes(Path.Combine(options.Workspaces, $"{configuration.Name}.yaml"));
            if (WorkspaceFile.HashOf(bytes) == configuration.Hash)
                _pending.Enqueue((configuration, Encoding.UTF8.GetString(bytes)));
            else
                logger.RecordingMissed(configuration.Name, configuration.Hash);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.RecordingMissed(configuration.Name, configuration.Hash);
        }
    }

    private async Task<bool> IsRecordedAsync(WorkspaceConfiguration configuration, string body, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await connection.ExecuteAsync(new CommandDefinition(
                Sql, new { hash = configuration.Hash, workspace = configuration.Name, body }, cancellationToken: cancellationToken));
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.RecordingFailed(configuration.Name, exception.Message);
            return false;
        }
    }
}
