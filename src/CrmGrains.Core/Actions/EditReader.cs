using System.Globalization;
using System.Text.Json;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;

namespace CrmGrains.Core.Actions;

/// <summary>Reads new values by path and collects what is wrong with them; a value that wasn't given stays as it was.</summary>
internal sealed class EditReader(IReadOnlyDictionary<string, JsonElement> edits, DateTimeOffset now)
{
    private const int MaxFields = 100;
    private const int MaxLines = 50;
    private const int MaxOptions = 50;

    // Whoever wants a task later than that has mistyped the year.
    private static readonly TimeSpan Latest = TimeSpan.FromDays(2 * 366);

    private readonly List<EditFault> _faults = [];
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>All faults; what nobody read can't be changed.</summary>
    public IReadOnlyList<EditFault> Faults(IReadOnlyList<string> editable)
    {
        foreach (var name in edits.Keys.Where(name => !_read.Contains(name)).Order(StringComparer.Ordinal))
            Fault(name, "not_editable", editable.Count == 0 ? "Nothing of this can be changed." : $"What can be changed: {string.Join(", ", editable)}.");
        return _faults;
    }

    /// <summary>One line; never empty.</summary>
    public string Line(string path, string before) => Given(path) is { } value ? LineOf(path, value) ?? before : before;

    /// <summary>A text of several lines.</summary>
    public string Text(string path, string before) => Given(path) is { } value ? TextOf(path, value, CommandEdits.MaxText, isLine: false) ?? before : before;

    /// <summary>One of some words.</summary>
    public string OneOf(string path, string before, IReadOnlyList<string> words)
    {
        if (Given(path) is not { } value)
            return before;
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { } word && words.Contains(word, StringComparer.Ordinal))
            return word;
        Fault(path, "not_allowed", $"One of {string.Join(", ", words)}.");
        return before;
    }

    /// <summary>An instant to come.</summary>
    public DateTimeOffset Instant(string path, DateTimeOffset before)
    {
        if (Given(path) is not { } value)
            return before;
        if (value.ValueKind != JsonValueKind.String || !value.TryGetDateTimeOffset(out var instant))
            Fault(path, "wrong_type", "An instant, for example 2026-01-05T12:00:00Z.");
        else if (instant < now || instant > now + Latest)
            Fault(path, "not_allowed", "An instant from now on, within two years.");
        else
            return instant.ToUniversalTime();
        return before;
    }

    /// <summary>An address, or nobody's.</summary>
    public string? Address(string path, string? before)
    {
        if (Given(path) is not { } value)
            return before;
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.String && EmailAddress.TryNormalize(value.GetString(), out var address))
            return address;
        Fault(path, "wrong_type", "A mail address, or null for nobody.");
        return before;
    }

    /// <summary>Labelled lines, all of them.</summary>
    public IReadOnlyList<NoteLine> Lines(string path, IReadOnlyList<NoteLine> before)
    {
        if (Given(path) is not { } value)
            return before;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxLines)
        {
            Fault(path, "wrong_type", string.Create(CultureInfo.InvariantCulture, $"A list of up to {MaxLines} lines, each {{\"label\", \"text\"}}."));
            return before;
        }

        var lines = new List<NoteLine>();
        foreach (var (place, line) in value.EnumerateArray().Index())
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"{path}[{place}]");
            if (line.ValueKind != JsonValueKind.Object || !line.TryGetProperty("label", out var label) || !line.TryGetProperty("text", out var text))
                Fault(at, "wrong_type", "{\"label\", \"text\"}.");
            else if (LineOf($"{at}.label", label) is { } labelled && TextOf($"{at}.text", text, CommandEdits.MaxText, isLine: false) is { } said)
                lines.Add(new NoteLine(labelled, said));
        }

        return lines;
    }

    /// <summary>Some of the fields: each keeps its type, null takes it away, a new one must be a field that there is.</summary>
    public IReadOnlyDictionary<string, FieldValue> Fields(IReadOnlyDictionary<string, FieldValue> before, IReadOnlyList<string> known)
    {
        const string path = "fields";
        if (Given(path) is not { } value)
            return before;
        if (value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() > MaxFields)
        {
            Fault(path, "wrong_type", string.Create(CultureInfo.InvariantCulture, $"Up to {MaxFields} fields by name."));
            return before;
        }

        var fields = new SortedDictionary<string, FieldValue>(before.ToDictionary(), StringComparer.Ordinal);
        foreach (var field in value.EnumerateObject())
        {
            var at = $"{path}.{field.Name}";
            if (!known.Contains(field.Name, StringComparer.Ordinal))
                Fault(at, "not_editable", "No such field can be changed here.");
            else if (field.Value.ValueKind == JsonValueKind.Null)
                fields.Remove(field.Name);
            else if (ValueOf(at, field.Value, before.GetValueOrDefault(field.Name)) is { } said)
                fields[field.Name] = said;
        }

        return fields;
    }

    private FieldValue? ValueOf(string path, JsonElement value, FieldValue? before)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String when before is null or FieldValue.Text:
                return FieldValue.Of(TextOf(path, value, CommandEdits.MaxText, isLine: false));
            case JsonValueKind.Number when before is null or FieldValue.Number && value.TryGetDecimal(out _):
                return value.TryGetDecimal(out var number) ? new FieldValue.Number(number) : Wrong();
            case JsonValueKind.True or JsonValueKind.False when before is null or FieldValue.Flag:
                return new FieldValue.Flag(value.GetBoolean());
            case JsonValueKind.Array when before is null or FieldValue.Many && value.GetArrayLength() is > 0 and <= MaxOptions:
                var options = new List<string>();
                foreach (var option in value.EnumerateArray())
                {
                    if (LineOf(path, option) is not { } said)
                        return null;
                    options.Add(said);
                }

                return FieldValue.Of(options) ?? Wrong();
            default:
                return Wrong();
        }

        FieldValue? Wrong()
        {
            Fault(path, "wrong_type", before switch
            {
                FieldValue.Text => "A text.",
                FieldValue.Number => "A number.",
                FieldValue.Flag => "true or false.",
                FieldValue.Many => "A list of texts.",
                _ => "A text, a number, true, false or a list of texts.",
            });
            return null;
        }
    }

    private string? LineOf(string path, JsonElement value) => TextOf(path, value, CommandEdits.MaxLine, isLine: true);

    private string? TextOf(string path, JsonElement value, int max, bool isLine)
    {
        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { } text)
            Fault(path, "wrong_type", "A text.");
        else if (string.IsNullOrWhiteSpace(text))
            Fault(path, "missing", "A text that isn't blank.");
        else if (text.Length > max)
            Fault(path, "too_long", string.Create(CultureInfo.InvariantCulture, $"Up to {max} characters."));
        else if (text.Any(letter => char.IsControl(letter) && (isLine || letter is not ('\n' or '\r' or '\t'))))
            Fault(path, "not_allowed", isLine ? "One line, without control characters." : "A text without control characters.");
        else
            return text;
        return null;
    }

    private JsonElement? Given(string path)
    {
        _read.Add(path);
        return edits.TryGetValue(path, out var value) ? value : null;
    }

    private void Fault(string path, string code, string detail) => _faults.Add(new EditFault(path, code, detail));
}
