using CrmGrains.Faults.Plan;
using Npgsql;

namespace CrmGrains.Faults.Checks;

/// <summary>How long acknowledged events waited for their turn because of a kind of fault.</summary>
/// <param name="Strikes">How often it struck.</param>
/// <param name="MedianMs">Of the longest wait around each strike.</param>
/// <param name="LongestMs">The longest of all.</param>
internal sealed record Wait(string Kind, int Strikes, double MedianMs, double LongestMs);

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
    public static async Task<double> LongestWaitMsAsync(NpgsqlDataSource database, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(LongestWait);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (from - Before).UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = to.UtcDateTime });
        return await command.ExecuteScalarAsync(cancellationToken) is double wait ? wait : 0;
    }

    /// <summary>The waits of a run, by kind. Where faults overlap, each has the other's wait too.</summary>
    public static async Task<IReadOnlyList<Wait>> MeasureAsync(
        NpgsqlDataSource database, IReadOnlyList<Struck> struck, CancellationToken cancellationToken)
    {
        var waits = new List<(string Kind, double Ms)>();
        foreach (var one in struck)
            waits.Add((one.Strike.Kind, await LongestWaitMsAsync(database, one.BeganAt, one.EndedAt, cancellationToken)));
        return
        [
            .. waits.GroupBy(wait => wait.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind =>
            {
                var sorted = kind.Select(wait => wait.Ms).Order().ToList();
                return new Wait(kind.Key, sorted.Count, sorted[sorted.Count / 2], sorted[^1]);
            }),
        ];
    }
}
