using CrmGrains.Benchmarks.Servers;
using Npgsql;

namespace CrmGrains.Benchmarks.Measures;

/// <summary>Which silo ran what, and since when, as partitions and ledger tell.</summary>
internal sealed class Handover(NpgsqlDataSource database)
{
    private const string Known = "SELECT DISTINCT silo FROM partition WHERE silo IS NOT NULL UNION SELECT DISTINCT silo FROM ledger";
    private const string Newcomer = "SELECT silo, min(served_at) FROM partition WHERE silo <> ALL ($1) GROUP BY silo LIMIT 1";
    private const string First = "SELECT min(written_at) FROM ledger WHERE silo = $1";
    private const string Owns = "SELECT count(*) FROM partition WHERE kind = 'mailbox' AND silo = $1";

    private const string Gaps = """
        SELECT count(*), coalesce(max(extract(epoch FROM first - $1)), 0)::float8
        FROM (SELECT min(written_at) AS first FROM ledger WHERE partition < 64 AND written_at > $1 AND silo <> $2 GROUP BY partition) p
        """;

    // One that has no id has locked no partition: it found nothing to do.
    private const string InTransaction = """
        SELECT EXISTS (
            SELECT FROM pg_stat_activity
            WHERE application_name LIKE 'crmgrains%' AND state = 'idle in transaction' AND backend_xid IS NOT NULL
              AND state_change < clock_timestamp() - $1)
        """;

    /// <summary>The silos that have had a turn so far.</summary>
    public async Task<HashSet<Guid>> SilosAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Known);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var silos = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
            silos.Add(reader.GetGuid(0));
        return silos;
    }

    /// <summary>
    /// A silo that ran a partition and isn't one of those, and since when it does, as it noted in its first batch; null where there is none yet.
    /// </summary>
    public async Task<(Guid Silo, DateTimeOffset At)?> NewcomerAsync(IEnumerable<Guid> known, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Newcomer);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. known] });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1)) : null;
    }

    /// <summary>When a silo wrote its first ledger entry.</summary>
    public async Task<DateTimeOffset> FirstTurnAsync(Guid silo, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(First);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = silo });
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime at
            ? new DateTimeOffset(at)
            : throw new BenchmarkException($"Silo {silo} wrote no entry.");
    }

    /// <summary>How many of the grains' partitions a silo was the last to run.</summary>
    public async Task<long> OwnedAsync(Guid silo, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Owns);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = silo });
        return await command.ExecuteScalarAsync(cancellationToken) is long owned ? owned : 0;
    }

    /// <summary>How long the slowest of all partitions took to have an entry of another silo.</summary>
    public async Task<(long Partitions, TimeSpan Longest)> GapAsync(DateTimeOffset since, Guid gone, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Gaps);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = since.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = gone });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), TimeSpan.FromSeconds(reader.GetDouble(1)));
    }

    /// <summary>Whether somebody has held a transaction open for so long and done nothing: a frozen silo in the middle of a batch.</summary>
    public async Task<bool> IsAnyoneInTransactionAsync(TimeSpan since, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(InTransaction);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = since });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
