using System.Text.Json;
using CrmGrains.Core.Events;

namespace CrmGrains.Intake.Payloads;

/// <summary>
/// Reads a payload's values by their paths and collects every fault, so that a sender sees all of them at once. What is absent, JSON's
/// null or blank is null; so is what has a fault, and whoever reads looks at <see cref="Faults"/> before using anything.
/// </summary>
/// <param name="root">Valid while its document is.</param>
/// <param name="receivedAt">UTC; what instants are compared with.</param>
internal sealed class PayloadReader(JsonElement root, DateTimeOffset receivedAt)
{
    private const int MaxParts = 1_000;

    private readonly List<Fault> _faults = [];
    private Dictionary<string, JsonElement>? _placed;

    public IReadOnlyList<Fault> Faults => _faults;

    /// <summary>UTC.</summary>
    public DateTimeOffset ReceivedAt => receivedAt;

    /// <summary>Whose phone numbers are those that don't say their country; null: nobody's.</summary>
    public string? DefaultCountry { get; init; }

    /// <summary>Where to write down what was read and how; null: nowhere, at no cost.</summary>
    public ReadingNotes? Notes { get; init; }

    public bool HasFault(string? path) => _faults.Count > 0 && _faults.Exists(fault => fault.Path == path);

    public void Add(string path, string code, string message) => _faults.Add(new(path, code, message));

    /// <summary>What stands at a path as it is; null also where there is no path.</summary>
    public JsonElement? Find(string? path) => path is null ? null
        : _placed is not null && _placed.TryGetValue(path, out var placed) ? placed
        : PayloadPath.Find(root, path);

    /// <summary>
    /// Has a path mean a value: one that was put together, as a chosen option's text, or that no path leads to, as a label with dots in it.
    /// </summary>
    public void Place(string path, JsonElement value)
    {
        _placed ??= new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        _placed[path] = value;
        if (value.ValueKind != JsonValueKind.Array)
            return;
        var index = 0;
        foreach (var item in value.EnumerateArray())
            _placed[$"{path}.{index++}"] = item;
    }

    /// <summary>The items of a list; none where there is none, and a fault where something else stands there.</summary>
    public IEnumerable<JsonElement> Items(string path) => Of(path, JsonValueKind.Array) is { } list
        ? list.EnumerateArray().Take(MaxParts)
        : [];

    /// <summary>The names and values of an object; none where there is none, and a fault where something else stands there.</summary>
    public IEnumerable<(string Name, JsonElement Value)> Fields(string path) => Of(path, JsonValueKind.Object) is { } fields
        ? fields.EnumerateObject().Take(MaxParts).Select(field => (field.Name, field.Value))
        : [];

    /// <summary>The same value; nothing is a fault, unless it has one already.</summary>
    public T Required<T>(string path, T value)
    {
        if (value is null && !HasFault(path))
            Add(path, "missing", "It is missing: send it.");
        return value;
    }

    /// <summary>The same value, written down where somebody asked for it.</summary>
    /// <param name="how">What was done to it.</param>
    public T Noted<T>(string? path, string how, T value)
    {
        if (Notes is not null && path is not null && value is not null)
            Notes.Add(path, how, value);
        return value;
    }

    /// <summary>A text or a number as it is written: forms send one where the other is meant. Objects and lists are neither.</summary>
    public string? Scalar(string? path)
    {
        if (path is null || Find(path) is not { } value)
            return null;
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return value.GetString();
            case JsonValueKind.Number:
                return value.GetRawText();
            default:
                if (!HasFault(path))
                    Add(path, "not_text", "It is neither text nor a number: send one of them.");
                return null;
        }
    }

    private JsonElement? Of(string path, JsonValueKind kind)
    {
        if (Find(path) is not { } value)
            return null;
        if (value.ValueKind != kind)
        {
            Add(path, "wrong_kind", kind == JsonValueKind.Array ? "It is no list: send one." : "It is no object: send one.");
            return null;
        }

        var parts = kind == JsonValueKind.Array ? value.GetArrayLength() : value.GetPropertyCount();
        if (parts > MaxParts)
            Add(path, "list_too_long", $"It has more than {MaxParts} entries: send fewer.");
        return value;
    }
}
