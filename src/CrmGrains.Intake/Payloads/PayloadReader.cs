using System.Globalization;
using System.Text;
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
    private const int MaxListItems = 50;
    private const int MaxListItemLength = 100;
    private const int MaxParts = 1_000;

    // A clock that is further ahead than the widest time zone is wrong, and would win over every later change of a field.
    private static readonly TimeSpan AtMostAhead = TimeSpan.FromDays(1);
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const NumberStyles Epoch = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign;

    private readonly List<Fault> _faults = [];
    private Dictionary<string, JsonElement>? _placed;

    public IReadOnlyList<Fault> Faults => _faults;

    /// <summary>Whose phone numbers are those that don't say their country; null: nobody's.</summary>
    public string? DefaultCountry { get; init; }

    /// <summary>Where to write down what was read and how; null: nowhere, at no cost.</summary>
    public ReadingNotes? Notes { get; init; }

    public bool HasFault(string? path) => _faults.Exists(fault => fault.Path == path);

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

    /// <summary>One line of text: runs of blanks and control characters are one blank.</summary>
    public string? Line(string? path, int maxLength) => Noted(path, "one line, trimmed", Bounded(path, OneLine(Scalar(path)), maxLength));

    /// <summary>Text of several lines: control characters other than line feeds and tabs are left out.</summary>
    public string? Lines(string? path, int maxLength)
    {
        var text = Scalar(path);
        return Noted(path, "lines, trimmed", Bounded(path, text is null ? null : CleanLines(text), maxLength));
    }

    /// <summary>Text of several lines, of which what doesn't fit is left out: it stays in the stored delivery.</summary>
    public string? Beginning(string? path, int maxLength)
    {
        var text = Scalar(path);
        return text is null ? null : BeginningOf(text, maxLength);
    }

    /// <summary>The same for a text that was made of several values.</summary>
    public static string? BeginningOf(string text, int maxLength)
    {
        var beginning = new StringBuilder(Math.Min(text.Length, maxLength));
        foreach (var letter in text)
        {
            // Half a character at the end would be none.
            if (beginning.Length >= maxLength - 1 && (char.IsHighSurrogate(letter) || beginning.Length == maxLength))
                break;
            if (letter is '\n' or '\t' || !char.IsControl(letter))
                beginning.Append(letter);
        }

        var trimmed = beginning.ToString().Trim();
        return trimmed.Length > 0 ? trimmed : null;
    }

    /// <summary>Yes or no, also in the words that forms send.</summary>
    public bool? Flag(string? path)
    {
        var value = Find(path);
        if (value?.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return Noted(path, "flag", (bool?)value.Value.GetBoolean());
        var text = OneLine(Scalar(path))?.ToLowerInvariant();
        bool? flag = text switch
        {
            "true" or "yes" or "on" or "1" => true,
            "false" or "no" or "off" or "0" => false,
            _ => null,
        };
        if (text is not null && flag is null && path is not null)
            Add(path, "flag_invalid", "It is neither yes nor no: send true or false.");
        return Noted(path, "flag from a word", flag);
    }

    /// <summary>An exact number, also where it is sent as text.</summary>
    public decimal? Number(string? path)
    {
        var text = OneLine(Scalar(path));
        if (text is null || path is null)
            return null;
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return Noted(path, "number", (decimal?)number);
        Add(path, "number_invalid", "It is no number: send digits with a point before the fraction.");
        return null;
    }

    /// <summary>A whole number that is not negative.</summary>
    public int? Count(string? path)
    {
        var number = Number(path);
        if (number is not { } value || path is null)
            return null;
        if (value is >= 0 and <= int.MaxValue && value == decimal.Truncate(value))
            return (int)value;
        Add(path, "number_invalid", "It is no whole number from zero on: send one.");
        return null;
    }

    /// <summary>An amount of money that is not negative.</summary>
    public decimal? Amount(string? path)
    {
        var amount = Number(path);
        if (amount is null or >= 0 || path is null)
            return amount;
        Add(path, "number_invalid", "It is below zero: send an amount from zero on.");
        return null;
    }

    /// <summary>A currency's code of three letters, in upper case.</summary>
    public string? Currency(string? path)
    {
        var code = Line(path, maxLength: 10)?.ToUpperInvariant();
        if (code is null || path is null || (code.Length == 3 && code.All(char.IsAsciiLetterUpper)))
            return Noted(path, "currency, upper-cased", code);
        Add(path, "currency_invalid", "It is no currency's code: send three letters, for example EUR.");
        return null;
    }

    /// <summary>When something happened; see <see cref="Instant"/>.</summary>
    public DateTimeOffset? Happened(string? path, bool orEpoch)
    {
        var instant = Instant(path, orEpoch);
        if (instant <= receivedAt + AtMostAhead || instant is null || path is null)
            return instant;
        Add(path, "instant_in_future", "It is more than a day ahead: set the sender's clock.");
        return null;
    }

    /// <summary>An instant in ISO 8601 or as mails write it, UTC where it has no offset; also one that is still to come.</summary>
    /// <param name="orEpoch">Whether it may be in seconds or milliseconds since 1970 as well.</param>
    public DateTimeOffset? Instant(string? path, bool orEpoch)
    {
        var text = OneLine(Scalar(path));
        if (text is null || path is null)
            return null;
        var epoch = 0m;
        var isEpoch = orEpoch && decimal.TryParse(text, Epoch, CultureInfo.InvariantCulture, out epoch);
        var instant = isEpoch ? SourceInstant.FromEpoch(epoch) : SourceInstant.FromIso(text) ?? SourceInstant.FromMail(text);
        if (instant is null)
            Add(path, "instant_invalid", "It is no instant that we read: send ISO 8601, for example 2026-04-26T18:11:42Z.");
        else if (instant < Earliest)
            Add(path, "instant_too_old", "It is before the year 2000: check the unit.");
        else
            return Noted(path, isEpoch ? "instant from seconds or milliseconds since 1970" : "instant from ISO 8601, in UTC", instant);
        return null;
    }

    /// <summary>Internal names, as a list or as one text with commas or semicolons: in lower case, with underscores, each once.</summary>
    public IReadOnlyList<string>? Names(string? path)
    {
        if (path is null || Find(path) is not { } value)
            return null;
        var isList = value.ValueKind == JsonValueKind.Array;
        var parts = isList ? [] : (Scalar(path) ?? "").Split([',', ';'], StringSplitOptions.RemoveEmptyEntries);
        var count = isList ? value.GetArrayLength() : parts.Length;
        if (count > MaxListItems)
        {
            Add(path, "list_too_long", $"It has more than {MaxListItems} entries: send fewer.");
            return null;
        }

        var names = Enumerable.Range(0, count)
            .Select(index => isList ? Line($"{path}.{index}", MaxListItemLength) : Bounded(path, OneLine(parts[index]), MaxListItemLength))
            .OfType<string>()
            .Select(name => name.ToLowerInvariant().Replace(' ', '_').Replace('-', '_'))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return names.Count > 0 ? Noted(path, isList ? "names, lower-cased" : "names from one text, lower-cased", (IReadOnlyList<string>)names) : null;
    }

    /// <summary>The same value, written down where somebody asked for it.</summary>
    /// <param name="how">What was done to it.</param>
    public T Noted<T>(string? path, string how, T value)
    {
        if (Notes is not null && path is not null && value is not null)
            Notes.Add(path, how, value);
        return value;
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

    // Forms send numbers where text is meant, and the other way round; objects and lists are neither.
    private string? Scalar(string? path)
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

    private string? Bounded(string? path, string? text, int maxLength)
    {
        if (string.IsNullOrEmpty(text) || path is null)
            return null;
        if (text.Length <= maxLength)
            return text;
        Add(path, "too_long", $"It has more than {maxLength} characters: shorten it.");
        return null;
    }

    /// <summary>Several lines of text without the control characters that nobody sees.</summary>
    public static string CleanLines(string text) =>
        string.Concat(text.ReplaceLineEndings("\n").Where(letter => letter is '\n' or '\t' || !char.IsControl(letter))).Trim();

    /// <summary>A text as one line; null where nothing of it is left.</summary>
    public static string? OneLine(string? text)
    {
        if (text is null)
            return null;
        var line = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            if (!char.IsWhiteSpace(letter) && !char.IsControl(letter))
                line.Append(letter);
            else if (line.Length > 0 && line[^1] != ' ')
                line.Append(' ');
        }
        var trimmed = line.ToString().TrimEnd(' ');
        return trimmed.Length > 0 ? trimmed : null;
    }
}
