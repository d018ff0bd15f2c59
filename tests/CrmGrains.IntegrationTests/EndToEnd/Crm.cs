using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>A record of the CRM.</summary>
internal sealed record CrmRow(string Id, IReadOnlyDictionary<string, string?> Properties)
{
    public string? this[string name] => Properties.GetValueOrDefault(name);
}

/// <summary>A pair of associated records.</summary>
internal sealed record CrmPair(string FromType, string FromId, string ToType, string ToId);

/// <summary>All that the CRM holds: asked of the sandbox itself, never of our own books.</summary>
internal sealed record CrmContents(
    IReadOnlyList<CrmRow> Contacts, IReadOnlyList<CrmRow> Companies, IReadOnlyList<CrmRow> Deals, IReadOnlyList<CrmRow> Notes,
    IReadOnlyList<CrmRow> Tasks, IReadOnlyList<CrmPair> Associations)
{
    /// <summary>The records of one type that a record is associated with.</summary>
    public IReadOnlyList<string> Linked(string fromType, string fromId, string toType) =>
        [.. Associations.Where(pair => pair.FromType == fromType && pair.FromId == fromId && pair.ToType == toType).Select(pair => pair.ToId)];

    /// <summary>The notes that tell of an event.</summary>
    public IReadOnlyList<CrmRow> NotesOf(Guid eventId) =>
        [.. Notes.Where(note => note["hs_note_body"]?.Contains($"Source event: {eventId}", StringComparison.Ordinal) == true)];

    /// <summary>Nothing is there twice, and everything is linked once.</summary>
    public void HasNoDuplicates()
    {
        Once("contacts by email", Contacts.Select(contact => contact["email"]?.ToLowerInvariant() ?? "none"));
        Once("companies by domain", Companies.Select(company => company["domain"]?.ToLowerInvariant() ?? "none"));
        Once("deals by contact", Deals.Select(deal => Assert.Single(Linked("deal", deal.Id, "contact"))));
        Once("notes by event", Notes.Select(note => Line(note["hs_note_body"], "Source event: ")));
        Once("notes by marker", Notes.Select(note => Line(note["hs_note_body"], "CrmGrains ref: ")));
        Once("tasks by marker", Tasks.Select(task => Line(task["hs_task_body"], "CrmGrains ref: ")));
        Once("associations", Associations);
        Assert.All(Contacts, contact => Assert.Single(Linked("contact", contact.Id, "company")));
        Assert.All(Deals, deal => Assert.Single(Linked("deal", deal.Id, "company")));
        Assert.All(Notes, note => Assert.Single(Linked("note", note.Id, "contact")));
        Assert.All(Notes, note => Assert.Single(Linked("note", note.Id, "company")));
    }

    private static void Once<T>(string what, IEnumerable<T> all)
    {
        var repeated = all.GroupBy(one => one).Where(group => group.Count() > 1).Select(group => $"{group.Key} {group.Count()} times").ToList();
        Assert.True(repeated.Count == 0, $"There are {what} more than once: {string.Join(", ", repeated.Take(10))}");
    }

    private static string Line(string? body, string label)
    {
        var at = body?.LastIndexOf(label, StringComparison.Ordinal) ?? -1;
        Assert.True(at >= 0, $"There is no line '{label}' in: {body}");
        return body?[(at + label.Length)..].Split('<')[0] ?? "";
    }
}

/// <summary>The sandbox's CRM, as somebody who works with it sees it.</summary>
internal sealed class Crm : IDisposable
{
    private readonly HttpClient _http;

    public Crm(string url)
    {
        _http = new HttpClient { BaseAddress = new Uri(url) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "pat-somebody");
    }

    public async Task<CrmContents> ReadAsync() => new(
        await RowsAsync("contacts"), await RowsAsync("companies"), await RowsAsync("deals"), await RowsAsync("notes"), await RowsAsync("tasks"),
        [.. (await ListAsync("associations")).Select(pair => new CrmPair(Text(pair, "fromType"), Text(pair, "fromId"), Text(pair, "toType"), Text(pair, "toId")))]);

    /// <summary>Calls that our connectors made since the last reset.</summary>
    public async Task<long> CallsAsync() =>
        (await _http.GetFromJsonAsync<JsonElement>("/sandbox/stats")).GetProperty("totals").GetProperty("calls").GetInt64();

    /// <summary>The same calls by endpoint, one a line.</summary>
    public async Task<string> CallsByEndpointAsync() => string.Join('\n',
        (await _http.GetFromJsonAsync<JsonElement>("/sandbox/stats")).GetProperty("endpoints").EnumerateArray()
            .Select(endpoint => $"{endpoint.GetProperty("calls"),6} {Text(endpoint, "method"),-6} {Text(endpoint, "route")}"));

    /// <summary>Makes a record as a person would.</summary>
    public async Task<string> CreateAsync(string type, object properties)
    {
        using var answer = await _http.PostAsJsonAsync($"/crm/objects/2026-09/{type}", new { properties });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return Text(await answer.Content.ReadFromJsonAsync<JsonElement>(), "id");
    }

    /// <summary>Changes a record as a person would.</summary>
    public async Task UpdateAsync(string type, string id, object properties)
    {
        using var answer = await _http.PatchAsJsonAsync($"/crm/objects/2026-09/{type}/{id}", new { properties });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Removes a record as a person would.</summary>
    public async Task ArchiveAsync(string type, string id)
    {
        using var answer = await _http.DeleteAsync(new Uri($"/crm/objects/2026-09/{type}/{id}", UriKind.Relative));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task AssociateAsync(string fromType, string fromId, string toType, string toId)
    {
        using var answer = await _http.PostAsJsonAsync(
            $"/crm/associations/2026-09/{fromType}/{toType}/batch/associate/default",
            new { inputs = new[] { new { from = new { id = fromId }, to = new { id = toId } } } });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Removes somebody from the account.</summary>
    public async Task ArchiveOwnerAsync(long id, string email)
    {
        using var answer = await _http.PutAsJsonAsync($"/sandbox/hubspot/owners/{id}", new { email, archived = true });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Sets one fault or several.</summary>
    public async Task FailAsync(params object[] faults)
    {
        using var answer = await _http.PostAsJsonAsync("/sandbox/faults", faults);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Some calls fail from now on: refused, broken, without an answer, or carried out without one.</summary>
    /// <param name="share">Of all calls, from 0 to 1.</param>
    public Task FailSometimesAsync(double share) => FailAsync(
        new { path = "/crm/", status = 429, probability = share / 4, seed = 1, retry_after = 1 },
        new { path = "/crm/", status = 500, probability = share / 4, seed = 2 },
        new { path = "/crm/", kind = "timeout", probability = share / 4, seed = 3 },
        new { path = "/crm/", kind = "drop_after_success", probability = share / 4, seed = 4 });

    public async Task RecoverAsync()
    {
        using var answer = await _http.DeleteAsync(new Uri("/sandbox/faults", UriKind.Relative));
        answer.EnsureSuccessStatusCode();
    }

    public void Dispose() => _http.Dispose();

    private async Task<IReadOnlyList<CrmRow>> RowsAsync(string type) =>
    [
        .. (await ListAsync(type)).Select(row => new CrmRow(
            Text(row, "id"),
            row.GetProperty("properties").EnumerateObject().ToDictionary(property => property.Name, property => property.Value.GetString()))),
    ];

    private async Task<IEnumerable<JsonElement>> ListAsync(string type) =>
        (await _http.GetFromJsonAsync<JsonElement>($"/sandbox/hubspot/{type}")).GetProperty("results").EnumerateArray();

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? "";
}
