using Npgsql;

namespace CrmGrains.Benchmarks.Servers;

/// <summary>What another session holds open while the engine works.</summary>
internal enum Hold
{
    /// <summary>Nothing: what the others are compared with.</summary>
    Nothing,

    /// <summary>A repeatable read transaction that has taken its snapshot, as a long report or a backup does.</summary>
    Snapshot,

    /// <summary>A transaction that has written a row, so that it has an id, and isn't committed.</summary>
    Writer,
}

/// <summary>A transaction of somebody else's that stays open: no row that was deleted since can be cleaned away.</summary>
internal sealed class HeldTransaction : IAsyncDisposable
{
    private const string Snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM partition";

    private const string Writer = """
        BEGIN; INSERT INTO configuration (hash, workspace, body) VALUES ('held by the benchmark', 'benchmark', '')
        """;

    private readonly NpgsqlConnection? _connection;

    private HeldTransaction(NpgsqlConnection? connection) => _connection = connection;

    public static async Task<HeldTransaction> OpenAsync(NpgsqlDataSource database, Hold hold, CancellationToken cancellationToken)
    {
        if (hold == Hold.Nothing)
            return new HeldTransaction(null);
        var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var begin = new NpgsqlCommand(hold == Hold.Snapshot ? Snapshot : Writer, connection);
        await begin.ExecuteNonQueryAsync(cancellationToken);
        return new HeldTransaction(connection);
    }

    /// <summary>Rolls it back.</summary>
    /// <exception cref="BenchmarkException">It was ended by somebody else meanwhile, so nothing was held.</exception>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (_connection is null)
            return;
        try
        {
            await using var end = new NpgsqlCommand("SELECT count(*) FROM partition; ROLLBACK", _connection);
            await end.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw new BenchmarkException($"The held transaction had ended before it was released: {exception.Message}");
        }
    }

    public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? ValueTask.CompletedTask;
}
