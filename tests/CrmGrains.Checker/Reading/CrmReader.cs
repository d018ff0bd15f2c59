using System.Net.Http.Json;
using System.Text.Json;

namespace CrmGrains.Checker;

/// <summary>Asks the sandbox what its CRM holds and what it carried out.</summary>
public static class CrmReader
{
    private const int EffectsAtOnce = 10_000;

    private static readonly string[] Types = ["contact", "company", "deal", "note", "task"];

    /// <summary>Reads all of it.</summary>
    /// <param name="sandbox">A client whose base address is the sandbox's.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<CrmHistory> ReadAsync(HttpClient sandbox, CancellationToken cancellationToken)
    {
        var records = new List<CrmRecord>();
        foreach (var type in Types)
        {
            var listed = await ListAsync(sandbox, $"/sandbox/hubspot/{PluralOf(type)}", cancellationToken);
            records.AddRange(listed.EnumerateArray().Select(row => new CrmRecord(type, Text(row, "id"), Texts(row, "properties"))));
        }

        var pairs = (await ListAsync(sandbox, "/sandbox/hubspot/associations", cancellationToken)).EnumerateArray()
            .Select(row => new CrmPair(Text(row, "fromType"), Text(row, "fromId"), Text(row, "toType"), Text(row, "toId"))).ToList();
        var (effects, forgotten) = await EffectsAsync(sandbox, cancellationToken);
        return new CrmHistory { Records = records, Pairs = pairs, Effects = effects, EffectsForgotten = forgotten };
    }

    private static async Task<(List<CrmEffect> Effects, long Forgotten)> EffectsAsync(
        HttpClient sandbox, CancellationToken cancellationToken)
    {
        var effects = new List<CrmEffect>();
        while (true)
        {
            var after = effects.Count == 0 ? 0 : effects[^1].Number;
            var page = (await ListAsync(sandbox, $"/sandbox/effects?after={after}&limit={EffectsAtOnce}", cancellationToken))
                .EnumerateArray().Select(EffectOf).ToList();
            if (page.Count == 0)
                return (effects, effects.Count == 0 ? 0 : effects[0].Number - 1);
            effects.AddRange(page);
        }
    }

    private static CrmEffect EffectOf(JsonElement row) => new(
        row.GetProperty("number").GetInt64(), Text(row, "effect"), Text(row, "type"), Text(row, "id"), TextOrNull(row, "toType"),
        TextOrNull(row, "toId"), Texts(row, "keys"));

    private static async Task<JsonElement> ListAsync(HttpClient sandbox, string path, CancellationToken cancellationToken) =>
        (await sandbox.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative), cancellationToken)).GetProperty("results");

    private static string PluralOf(string type) => type == "company" ? "companies" : $"{type}s";

    private static string Text(JsonElement row, string name) => TextOrNull(row, name) ?? "";

    private static string? TextOrNull(JsonElement row, string name) =>
        row.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static IReadOnlyDictionary<string, string> Texts(JsonElement row, string name) =>
        row.TryGetProperty(name, out var texts)
            ? texts.EnumerateObject().Where(text => text.Value.ValueKind == JsonValueKind.String)
                .ToDictionary(text => text.Name, text => text.Value.GetString() ?? "")
            : new Dictionary<string, string>();
}
