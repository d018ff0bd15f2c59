using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;

namespace CrmGrains.Core.Decisions;

/// <summary>The facts of any event that conditions may ask for: those of leads, and <c>data.</c> and a path into the rest of the payload.</summary>
public static class EventFacts
{
    /// <summary>What stands before a path into the event's data.</summary>
    public const string DataPrefix = "data.";

    /// <summary>The facts, by name, besides those of <c>data.</c>.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. LeadRules.FactNames.Where(name => name is not ("score" or "status")),
        "source_record_id", "deal.pipeline", "deal.amount", "deal.currency", "invoice.amount", "invoice.currency", "invoice.attempts",
    ];

    /// <summary>The facts of one event.</summary>
    /// <param name="received">The event.</param>
    /// <param name="wanted">What will be asked for; of the data only that is looked up.</param>
    public static IReadOnlyDictionary<string, FieldValue> Of(ContractEvent received, IEnumerable<string> wanted)
    {
        var facts = LeadRules.Facts(received);
        void Add(string name, FieldValue? value)
        {
            if (value is not null)
                facts[name] = value;
        }

        Add("source_record_id", FieldValue.Of(received.SourceRecordId));
        Add("deal.pipeline", FieldValue.Of(received.Deal?.Pipeline));
        Add("deal.amount", FieldValue.Of(received.Deal?.Amount));
        Add("deal.currency", FieldValue.Of(received.Deal?.Currency));
        Add("invoice.amount", FieldValue.Of(received.Invoice?.Amount));
        Add("invoice.currency", FieldValue.Of(received.Invoice?.Currency));
        Add("invoice.attempts", FieldValue.Of((decimal?)received.Invoice?.Attempts));
        foreach (var name in wanted.Where(name => name.StartsWith(DataPrefix, StringComparison.Ordinal)))
            Add(name, Find(received.Data, name.AsSpan(DataPrefix.Length)));
        return facts;
    }

    private static FieldValue? Find(JsonElement? data, ReadOnlySpan<char> path)
    {
        var at = data;
        foreach (var key in path.Split('.'))
        {
            if (at is not { ValueKind: JsonValueKind.Object } parent || !parent.TryGetProperty(path[key], out var child))
                return null;
            at = child;
        }

        return at is { } found ? ValueOf(found) : null;
    }

    // What is neither a plain value nor a list of texts can't be compared with anything.
    private static FieldValue? ValueOf(JsonElement found) => found.ValueKind switch
    {
        JsonValueKind.String => FieldValue.Of(found.GetString()),
        JsonValueKind.Number => found.TryGetDecimal(out var number) ? FieldValue.Of(number) : null,
        JsonValueKind.True => FieldValue.Of(true),
        JsonValueKind.False => FieldValue.Of(false),
        JsonValueKind.Array => FieldValue.Of(
            (IReadOnlyList<string>)[.. found.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString() ?? "")]),
        _ => null,
    };
}
