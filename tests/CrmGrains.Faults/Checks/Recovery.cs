using CrmGrains.Faults.Plan;
using Npgsql;

namespace CrmGrains.Faults.Checks;

/// <summary>Measures how soon work went on: from an event's receipt to its entry in the ledger, both by the database's clock.</summary>
internal static class Recovery
{
    // An event that came just before may have been in the batch that was struck.
    private const string LongestWait = """
        SELECT coalesce(extract(epoch FROM max(l.written_at - r.received_at)) * 1000, 0)::float8
        FROM raw_event r JOIN ledger l ON l.event_id = r.event_id AND l.kind = 'event_received'
        WHERE r.received_at BETWEEN $1 AND $2
        """;

    private static readonly TimeSpan Before = TimeSpan.FromSeconds(0.2);

    /// <summary>The longest wait of an event that came while a strike lasted, or just before it.</summary>
    public static async Task<double> LongestWaitMsAsync(
        NpgsqlDataSource database, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(LongestWait);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (from - Before).UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = to.UtcDateTime });
        return await command.ExecuteScalarAsync(cancellationToken) is double wait ? wait : 0;
    }

    /// <summary>The same for each strike of a run. Where faults overlap, each has the other's wait too.</summary>
    public static async Task<IReadOnlyList<Struck>> MeasureAsync(
        NpgsqlDataSource database, IReadOnlyList<Struck> struck, CancellationToken cancellationToken)
    {
        var measured = new List<Struck>(struck.Count);
        foreach (var one in struck)
            measured.Add(one with { LongestWaitMs = await LongestWaitMsAsync(database, one.BeganAt, one.EndedAt, cancellationToken) });
        return measured;
    }
}
