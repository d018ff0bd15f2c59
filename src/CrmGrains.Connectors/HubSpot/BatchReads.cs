using System.Text.Json;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>What was found, or why it isn't known whether anything is there.</summary>
internal readonly record struct Found<T>(IReadOnlyList<T> Rows, Failure? Failure);

/// <summary>
/// Reads records and associations in as few calls as can be. Batch reads see what was just written; search lags behind it.
/// </summary>
internal sealed class BatchReads(HubSpotHttp http, ICallLog log)
{
    private const int MostRecords = 100;
    private const int MostLinks = 1_000;
    private const int MostSplits = 16;
    private const int MostPages = 50;  // HubSpot shows the first 10,000 results of a search

    /// <summary>Records by id or by a unique property, each once; one that isn't there is no error.</summary>
    public async Task<Found<CrmRecord>> RecordsAsync(
        string type, IEnumerable<string> ids, string? idProperty, IReadOnlyList<string> properties, IReadOnlyList<Write> writes,
        CancellationToken cancellationToken)
    {
        var found = await InPartsAsync(
            [.. ids.Distinct().Select(id => new IdBody { Id = id })], MostRecords,
            part => Post($"/crm/objects/{HubSpotPaths.Version}/{type}/batch/read",
                JsonSerializer.SerializeToUtf8Bytes(new ReadBody(part, properties, idProperty), HubSpotJson.Readable.ReadBody), writes),
            HubSpotRows.Record, cancellationToken);

        // Ids that were merged may all name the one record that is left.
        return found with { Rows = [.. found.Rows.DistinctBy(record => record.Id)] };
    }

    /// <summary>What records are associated with, all pages; one that has no associations is left out.</summary>
    public async Task<Found<LinksRow>> LinksAsync(
        string from, string to, IEnumerable<string> ids, IReadOnlyList<Write> writes, CancellationToken cancellationToken)
    {
        var found = new List<LinksRow>();
        List<IdBody> open = [.. ids.Distinct().Select(id => new IdBody { Id = id })];
        for (var page = 0; page < MostPages && open.Count > 0; page++)
        {
            var rows = await InPartsAsync(
                open, MostLinks,
                part => Post($"/crm/associations/{HubSpotPaths.Version}/{from}/{to}/batch/read",
                    JsonSerializer.SerializeToUtf8Bytes(new ReadBody(part), HubSpotJson.Readable.ReadBody), writes),
                element => element.Deserialize(HubSpotJson.Default.LinksRow), cancellationToken);
            found.AddRange(rows.Rows);
            if (rows.Failure is not null)
                return new(found, rows.Failure);
            open =
            [
                .. rows.Rows.Where(row => row.Paging?.Next?.After is not null)
                    .Select(row => row.From with { After = row.Paging?.Next?.After }),
            ];
        }

        return new(found, null);
    }

    /// <summary>Records that fit one of several lists of values, all pages. Values must be in lower case.</summary>
    public async Task<Found<CrmRecord>> SearchAsync(
        string type, IReadOnlyList<Filter> anyOf, IReadOnlyList<string> properties, IReadOnlyList<Write> writes,
        CancellationToken cancellationToken)
    {
        var found = new List<CrmRecord>();
        var groups = anyOf.Where(filter => filter.Values.Count > 0).Select(filter => new FilterGroup([filter])).ToList();
        string? after = null;
        for (var page = 0; page < MostPages && groups.Count > 0; page++)
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(new SearchBody(groups, properties, 200, after), HubSpotJson.Readable.SearchBody);
            var answer = await http.SendAsync(
                Post($"/crm/objects/{HubSpotPaths.Version}/{type}/search", body, writes) with { IsSearch = true }, log, cancellationToken);
            if (answer.Failure is not null)
                return new(found, answer.Failure);
            found.AddRange(answer.Rows(HubSpotRows.Record));
            after = answer.Body.Paging?.Next?.After;
            if (after is null)
                break;
        }

        return new(found, after is null ? null : HubSpotErrors.TooManyFound);
    }

    /// <summary>Reads in parts; where HubSpot refuses a part as it is, its halves are read, so that one odd id hides no record.</summary>
    private async Task<Found<T>> InPartsAsync<T>(
        List<IdBody> ids, int most, Func<IReadOnlyList<IdBody>, HubSpotCall> call, Func<JsonElement, T?> read,
        CancellationToken cancellationToken) where T : class
    {
        var parts = new Stack<IdBody[]>(ids.Chunk(most));
        var callsLeft = MostSplits;
        var found = new List<T>();
        while (parts.TryPop(out var part))
        {
            var answer = await http.SendAsync(call(part), log, cancellationToken);
            switch (answer.Failure)
            {
                case null:
                    found.AddRange(answer.Rows(read));
                    break;
                case { IsAboutARow: true } when part.Length == 1:
                    break;  // what HubSpot doesn't take as an id names nothing
                case { IsAboutARow: true } when callsLeft-- > 0:
                    parts.Push(part[(part.Length / 2)..]);
                    parts.Push(part[..(part.Length / 2)]);
                    break;
                case var failure:
                    return new(found, failure);
            }
        }

        return new(found, null);
    }

    private static HubSpotCall Post(string path, byte[] body, IReadOnlyList<Write> writes) =>
        new(HttpMethod.Post, path, body, [.. writes.Select(write => write.EffectKey)]);
}

/// <summary>The date-based paths.</summary>
internal static class HubSpotPaths
{
    public const string Version = "2026-09";
}

/// <summary>How rows are read.</summary>
internal static class HubSpotRows
{
    public static CrmRecord? Record(JsonElement element) =>
        element.Deserialize(HubSpotJson.Default.CrmRecord) is { } record ? record with { Raw = element.GetRawText() } : null;
}
