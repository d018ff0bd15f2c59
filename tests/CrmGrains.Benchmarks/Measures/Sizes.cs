using Npgsql;

namespace CrmGrains.Benchmarks.Measures;

/// <summary>Bytes that PostgreSQL keeps, by table and index, and the log's position.</summary>
internal sealed record Sizes(IReadOnlyDictionary<string, long> Bytes, long WalPosition)
{
    /// <summary>What the log is called among the names.</summary>
    public const string Log = "WAL";

    private const string Sql = """
        SELECT CASE WHEN c.relkind = 'i' THEN i.indrelid::regclass::text || ': ' || c.relname
                    WHEN c.relkind = 't' THEN t.relname || ' (toast)'
                    ELSE c.relname END,
               pg_relation_size(c.oid)
        FROM pg_class c
        LEFT JOIN pg_index i ON i.indexrelid = c.oid
        LEFT JOIN pg_class t ON t.reltoastrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'i') OR t.relnamespace = 'public'::regnamespace
        """;

    public static async Task<Sizes> ReadAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var bytes = new Dictionary<string, long>();
        await using (var command = database.CreateCommand(Sql))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                bytes[reader.GetString(0)] = reader.GetInt64(1);
        }

        await using var position = database.CreateCommand("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint");
        return new Sizes(bytes, await position.ExecuteScalarAsync(cancellationToken) is long wal ? wal : 0);
    }

    /// <summary>What was added since, by name, the largest first; the log comes last, as <see cref="Log"/>.</summary>
    public IReadOnlyList<(string Name, double Bytes)> Since(Sizes earlier, int events) =>
    [
        .. Bytes
            .Select(pair => (pair.Key, (pair.Value - earlier.Bytes.GetValueOrDefault(pair.Key)) / (double)events))
            .Where(pair => pair.Item2 >= 1)
            .OrderByDescending(pair => pair.Item2),
        (Log, (WalPosition - earlier.WalPosition) / (double)events),
    ];
}
