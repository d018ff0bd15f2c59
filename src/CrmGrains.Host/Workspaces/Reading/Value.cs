using System.Globalization;
using System.Text.RegularExpressions;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>
/// One value of a workspace file on its way into the configuration. Each method answers null where the value isn't what was asked
/// for, and has noted the fault then; so one pass finds all faults, and a configuration is only used where there was none.
/// </summary>
internal sealed partial class Value(YamlNode node, string path, FaultList faults)
{
    private const int MostCharacters = 4000;

    public YamlNode Node => node;

    public static string PathOf(string path, string key) => path.Length == 0 ? Clipped(key) : $"{path}.{Clipped(key)}";

    /// <summary>A foreign word as messages show it: short, on one line.</summary>
    public static string Clipped(string text)
    {
        var line = string.Concat(text.Take(40).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return text.Length > 40 ? line + "..." : line;
    }

    public void Fault(string message) => faults.Add(node.At, path, message);

    /// <summary>Says what is odd and taken all the same.</summary>
    public void Warn(string message) => faults.Warn(node.At, path, message);

    /// <summary>A text that isn't blank and that a database and a CRM can keep.</summary>
    public string? Text()
    {
        if (node is not YamlNode.Scalar scalar)
            return Wrong<string>("must be a text");
        if (scalar.IsNull || string.IsNullOrWhiteSpace(scalar.Text))
            return Wrong<string>("has no value. Give it one, or leave the key out");
        if (scalar.Text.Length > MostCharacters)
            return Wrong<string>($"is longer than {MostCharacters} characters. Make it shorter");
        if (scalar.Text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
            return Wrong<string>("holds a control character. Take it out");
        return scalar.Text;
    }

    /// <summary>A text on one line.</summary>
    public string? Line() => Text() is not { } text ? null
        : text.AsSpan().TrimEnd('\n').ContainsAny('\n', '\r') ? Wrong<string>("must stay on one line")
        : text.Trim();

    /// <summary>A name in snake_case, for the ledger, metrics and keys.</summary>
    public string? Name() => Line() is not { } text ? null
        : IsName(text) ? text
        : Wrong<string>($"must be a name of up to 40 lower-case letters, digits and `_`, a letter first, and is `{Clipped(text)}`");

    public string? OneOf(IReadOnlyList<string> choices, string what) => Line() is not { } text ? null
        : choices.Contains(text) ? text
        : Wrong<string>(choices.Count == 0
            ? $"names {what} `{Clipped(text)}`, and there is none. Add it, or leave this out"
            : $"names {what} `{Clipped(text)}`, which there isn't. It must be {OrList(choices)}");

    public bool? Flag() => node switch
    {
        YamlNode.Scalar { IsPlain: true, Text: "true" } => true,
        YamlNode.Scalar { IsPlain: true, Text: "false" } => false,
        _ => Wrong<bool?>("must be true or false, without quotes"),
    };

    public decimal? Number() => node is YamlNode.Scalar { IsPlain: true } scalar && decimal.TryParse(
            scalar.Text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        ? number
        : Wrong<decimal?>("must be a number, without quotes");

    public int? Whole(int least, int most) => Number() is not { } number ? null
        : number == decimal.Truncate(number) && number >= least && number <= most ? (int)number
        : Wrong<int?>($"must be a whole number from {least} to {most}");

    public TimeSpan? Duration(TimeSpan least, TimeSpan most) => Line() is not { } text ? null
        : Durations.Parse(text) is not { } duration
            ? Wrong<TimeSpan?>($"must be a duration such as 10s, 5m, 24h or 1d, and is `{Clipped(text)}`")
        : duration < least || duration > most
            ? Wrong<TimeSpan?>($"must be from {Durations.Write(least)} to {Durations.Write(most)}, and is {Clipped(text)}")
        : duration;

    /// <summary>The items of a list.</summary>
    public IReadOnlyList<Value>? Items()
    {
        if (node is not YamlNode.List list)
            return Wrong<IReadOnlyList<Value>>("must be a list, `[a, b]` or a line `- a` for each");
        return [.. list.Items.Select((item, index) => new Value(item, $"{path}[{index}]", faults))];
    }

    /// <summary>The items of a list, each there once.</summary>
    public IReadOnlyList<string> Distinct(Func<Value, string?> read)
    {
        var seen = new HashSet<string>();
        var distinct = new List<string>();
        foreach (var item in Items() ?? [])
        {
            if (read(item) is not { } text)
                continue;
            if (seen.Add(text))
                distinct.Add(text);
            else
                item.Fault($"`{Clipped(text)}` is here twice. Keep one of them.");
        }

        return distinct;
    }

    /// <summary>The entries of a map whose keys are the file's own.</summary>
    public IReadOnlyList<Entry>? Entries()
    {
        if (node is not YamlNode.Map map)
            return Wrong<IReadOnlyList<Entry>>("must be keys with values, a line `key: value` for each");
        return [.. map.Entries.Select(entry => new Entry(
            entry.Key,
            new Value(new YamlNode.Scalar(entry.At, entry.Key, IsPlain: false), PathOf(path, entry.Key), faults),
            new Value(entry.Value, PathOf(path, entry.Key), faults)))];
    }

    /// <summary>Entries whose keys are names, read into a dictionary.</summary>
    public IReadOnlyDictionary<string, T> Named<T>(Func<Entry, T?> read)
        where T : class
    {
        var named = new Dictionary<string, T>();
        foreach (var entry in Entries() ?? [])
        {
            if (entry.KeyValue.Name() is { } name && read(entry) is { } item)
                named[name] = item;
        }

        return named;
    }

    /// <summary>The entries of a map whose keys we give: reports the missing and the unknown ones.</summary>
    public Section Section(IReadOnlyList<string> required, IReadOnlyList<string> optional)
    {
        var entries = Entries() ?? [];
        if (node is YamlNode.Map)
        {
            foreach (var entry in entries.Where(entry => !required.Contains(entry.Key) && !optional.Contains(entry.Key)))
                entry.KeyValue.Fault($"The key is unknown here. Known are {OrList([.. required, .. optional], "and")}.");
            foreach (var key in required.Where(key => entries.All(entry => entry.Key != key)))
                Fault($"The key `{key}` is missing. Add it.");
        }

        return new Section(entries.ToDictionary(entry => entry.Key, entry => entry.Value));
    }

    public static bool IsName(string text) => NamePattern().IsMatch(text);

    public static string OrList(IReadOnlyList<string> words, string or = "or") => words.Count switch
    {
        < 2 => string.Concat(words),
        > 40 => $"{string.Join(", ", words.Take(40))} {or} {words.Count - 40} more",
        _ => $"{string.Join(", ", words.SkipLast(1))} {or} {words[^1]}",
    };

    /// <summary>Notes a fault that begins with the value as its subject.</summary>
    public T? Wrong<T>(string predicate)
    {
        Fault($"It {predicate}.");
        return default;
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,39}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern();
}

/// <summary>A key of the file's own and its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="KeyValue">The key as a value, for faults of it.</param>
/// <param name="Value">What it stands for.</param>
internal sealed record Entry(string Key, Value KeyValue, Value Value);

/// <summary>The values of a map whose keys are known; null where a key isn't there.</summary>
internal sealed class Section(IReadOnlyDictionary<string, Value> values)
{
    public Value? this[string key] => values.GetValueOrDefault(key);
}
