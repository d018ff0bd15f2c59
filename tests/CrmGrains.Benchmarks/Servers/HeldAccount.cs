using Npgsql;

namespace CrmGrains.Benchmarks.Servers;

/// <summary>
/// The CRM account of the bench workspace, held by the benchmark in the outbox's place: commands are queued and nobody carries them out, so
/// that what is measured ends where the comparison's other contenders end, too.
/// </summary>
internal sealed class HeldAccount : IAsyncDisposable
{
    // The lock is the only one that a session of the outbox holds.
    private const string Holder = """
        SELECT l.pid, (l.classid::bigint << 32) | l.objid::bigint
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.granted AND a.application_name = 'crmgrains-outbox'
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(50);

    private readonly NpgsqlConnection _connection;

    private HeldAccount(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Queues for the account's lock, then ends the session of the outbox that holds it.</summary>
    public static async Task<HeldAccount> TakeAsync(NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        var (pid, key) = await HolderAsync(database, time, cancellationToken);
        var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var take = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection);
        take.Parameters.Add(new NpgsqlParameter<long> { TypedValue = key });
        var taken = take.ExecuteNonQueryAsync(cancellationToken);

        await using var waits = database.CreateCommand("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)");
        while (await waits.ExecuteScalarAsync(cancellationToken) is not true)
            await Task.Delay(PollEvery, time, cancellationToken);
        await using (var end = database.CreateCommand("SELECT pg_terminate_backend($1)"))
        {
            end.Parameters.Add(new NpgsqlParameter<int> { TypedValue = pid });
            await end.ExecuteNonQueryAsync(cancellationToken);
        }

        await taken.WaitAsync(Patience, time, cancellationToken);
        return new HeldAccount(connection);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task<(int Pid, long Key)> HolderAsync(NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            await using (var find = database.CreateCommand(Holder))
            await using (var reader = await find.ExecuteReaderAsync(cancellationToken))
            {
                if (await reader.ReadAsync(cancellationToken))
                    return (reader.GetInt32(0), reader.GetInt64(1));
            }

            if (time.GetElapsedTime(began) > Patience)
                throw new BenchmarkException("No outbox took the account of the bench workspace.");
            await Task.Delay(PollEvery, time, cancellationToken);
        }
    }
}
