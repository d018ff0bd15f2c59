using System.Net.Http.Json;
using System.Text.Json;
using CrmGrains.Faults.Traffic;
using CrmGrains.Runtime.Ledger;
using Npgsql;

namespace CrmGrains.Faults.Checks;

/// <summary>Compares what senders were told with what the database and the CRM hold.</summary>
internal static class HistoryCheck
{
    private const string Lost = "SELECT e FROM unnest($1::uuid[]) e WHERE NOT EXISTS (SELECT FROM ledger l WHERE l.event_id = e)";

    private const string Doubled = """
        SELECT event_id::text FROM ledger WHERE kind = 'event_received' GROUP BY event_id HAVING count(*) > 1
        UNION ALL SELECT message_id::text FROM ledger WHERE message_id > 0 GROUP BY message_id HAVING count(*) > 1
        """;

    private const string Gaps = """
        SELECT grain FROM ledger WHERE version > 0 GROUP BY grain
        HAVING min(version) <> 1 OR max(version) <> count(*) OR count(DISTINCT version) <> count(*)
        """;

    // Turns that share a batch have one beginning; any other turn begins after the one before was written.
    private const string Overlaps = """
        SELECT grain FROM (
            SELECT grain, silo, began_at,
                   lag(silo) OVER w AS earlier_silo, lag(began_at) OVER w AS earlier_began_at, lag(written_at) OVER w AS earlier_written_at
            FROM ledger WHERE version > 0 WINDOW w AS (PARTITION BY grain ORDER BY version)) turn
        WHERE (silo, began_at) <> (earlier_silo, earlier_began_at) AND began_at < earlier_written_at
        """;

    public static async Task<Found> RunAsync(
        IReadOnlyList<SentDelivery> sent, NpgsqlDataSource database, string sandbox, CancellationToken cancellationToken)
    {
        var events = sent.Where(one => one.Status == 202).Select(one => one.EventId).OfType<Guid>().Distinct().ToArray();
        var lost = await ListAsync<Guid>(database, Lost, events, cancellationToken);
        var doubled = await ListAsync<string>(database, Doubled, null, cancellationToken);
        var overlaps = await ListAsync<string>(database, Overlaps, null, cancellationToken);
        var gaps = await ListAsync<string>(database, Gaps, null, cancellationToken);
        var broken = new List<string>();
        await foreach (var chain in LedgerVerification.VerifyAsync(database, cancellationToken))
        {
            if (chain.BrokenAt is not null)
                broken.Add($"chain {chain}");
        }

        using var http = new HttpClient();
        var notes = (await http.GetFromJsonAsync<JsonElement>($"{sandbox}/sandbox/hubspot/notes", cancellationToken)).GetProperty("results")
            .EnumerateArray().Select(note => note.GetProperty("properties").GetProperty("hs_note_body").GetString() ?? "")
            .GroupBy(body => body).Where(same => same.Count() > 1).Select(same => $"note {same.Key}").ToList();
        return new Found(
            events.Length, lost.Count, doubled.Count + notes.Count, overlaps.Count, 0,
            [.. lost.Select(one => $"lost {one}"), .. doubled.Select(one => $"doubled {one}"), .. notes, .. overlaps.Select(one => $"overlap {one}"),
             .. gaps.Select(one => $"gap {one}"), .. broken]);
    }

    private static async Task<List<T>> ListAsync<T>(NpgsqlDataSource database, string sql, Guid[]? events, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        if (events is not null)
            command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = events });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var list = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            list.Add(await reader.GetFieldValueAsync<T>(0, cancellationToken));
        return list;
    }
}
