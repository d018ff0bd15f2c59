using CrmGrains.Faults.Cluster;
using Npgsql;

namespace CrmGrains.Faults.Kinds;

/// <summary>A session of a silo that is in the middle of a batch.</summary>
internal sealed record CaughtSession(int Pid, int ClientPort);

/// <summary>Holds the next batch up at one of its statements; let go, its session waits for the next one.</summary>
internal sealed class BatchTrap : IAsyncDisposable
{
    private const string Caught = """
        SELECT pid, coalesce(client_port, 0) FROM pg_stat_activity
        WHERE application_name = 'crmgrains-silo' AND $1 = ANY (pg_blocking_pids(pid)) ORDER BY pid LIMIT 1
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private readonly NpgsqlDataSource _database;
    private readonly NpgsqlConnection _holder;

    private BatchTrap(NpgsqlDataSource database, NpgsqlConnection holder) => (_database, _holder) = (database, holder);

    public static async Task<BatchTrap> SetAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var holder = await database.OpenConnectionAsync(cancellationToken);
        await using var hold = new NpgsqlCommand("BEGIN; LOCK TABLE event IN SHARE MODE", holder);
        await hold.ExecuteNonQueryAsync(cancellationToken);
        return new BatchTrap(database, holder);
    }

    /// <summary>Waits for a session that is held up.</summary>
    /// <exception cref="ClusterException">There is none in time: no delivery is taken in.</exception>
    public async Task<CaughtSession> CaughtAsync(CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < Patience)
        {
            await using (var look = _database.CreateCommand(Caught))
            {
                look.Parameters.Add(new NpgsqlParameter<int> { TypedValue = _holder.ProcessID });
                await using var reader = await look.ExecuteReaderAsync(cancellationToken);
                if (await reader.ReadAsync(cancellationToken))
                    return new CaughtSession(reader.GetInt32(0), reader.GetInt32(1));
            }

            await Task.Delay(Look, TimeProvider.System, cancellationToken);
        }

        throw new ClusterException($"No silo took deliveries in for {Patience.TotalSeconds:0} s.");
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await using var release = new NpgsqlCommand("ROLLBACK", _holder);
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // PostgreSQL was stopped meanwhile, and the lock with it.
        }

        await _holder.DisposeAsync();
    }
}
