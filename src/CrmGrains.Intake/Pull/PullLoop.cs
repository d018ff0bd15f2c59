using CrmGrains.Runtime.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Intake.Pull;

/// <summary>
/// Fetches what is due, in one process at a time: it holds a session's advisory lock on the connection through which all is committed, so
/// that another process takes over as soon as this one is gone.
/// </summary>
internal sealed class PullLoop(NpgsqlDataSource database, Puller puller, PullOptions options, TimeProvider time, ILogger logger) : BackgroundService
{
    // Any number that nothing else of the house locks.
    private const long LockKey = 0x70756C6C;

    // A sender who calls waits a few seconds more for his first page than for the others.
    private const int MostRests = 4;

    private static readonly TimeSpan TakeOverEvery = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stoppingToken);
                if (await TryLockAsync(connection, stoppingToken))
                    await FetchAsync(connection, stoppingToken);
                await Task.Delay(TakeOverEvery, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Nothing is lost: what wasn't committed is due still.
                logger.PullInterrupted(TakeOverEvery, exception is PostgresException refused ? refused.MessageText : exception.Message);
                await Task.Delay(TakeOverEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task FetchAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var idle = 0;
        while (true)
        {
            idle = await puller.RunAsync(connection, cancellationToken) == 0 ? idle + 1 : 0;
            if (idle > 0)
                await Task.Delay(options.LookEvery * Math.Min(idle, MostRests), time, cancellationToken);
        }
    }

    private static async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PullSql.TryLock, connection);
        command.Parameters.With(NpgsqlDbType.Bigint, LockKey);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
