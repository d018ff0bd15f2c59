using System.Text.Json;

namespace CrmGrains.Intake.Drift;

/// <summary>Makes the sketch of one payload. What it takes of it is bounded, and no value is kept but the words of mapped choices.</summary>
internal sealed class ShapeReader
{
    private const int MaxDepth = 12;
    private const int MaxItems = 20;
    private const int MaxNodes = 4_000;
    private const int MaxNameLength = 64;
    private const int MaxWordLength = 40;

    // Four digits may be a year or a version; more are a number that names somebody.
    private const int MaxDigitsOfName = 4;

    // What names of members become that may be data: ids, addresses, phones.
    private const string AnyName = "*";

    private readonly MappedPaths _mapped;
    private readonly Dictionary<string, PathSketch> _paths = new(StringComparer.Ordinal);
    private int _nodes;
    private bool _isWhole = true;

    private ShapeReader(MappedPaths mapped) => _mapped = mapped;

    /// <summary>The payload's sketch; null where there is more of it than is looked at, so that nothing can be said to be missing.</summary>
    public static Sketch? Read(JsonElement root, MappedPaths mapped)
    {
        var reader = new ShapeReader(mapped);
        reader.Visit("", root, depth: 0);
        return reader._isWhole ? Sketch.Empty.Merge(new Sketch(1, reader._paths)) : null;
    }

    /// <summary>Whether a value may be one of a few choices: a short word without blanks, that is neither address nor number of a phone.</summary>
    public static bool IsWord(string text) =>
        text.Length is > 0 and <= MaxWordLength
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' or '+')
        && (text.Any(char.IsAsciiLetter) || text.Count(char.IsAsciiDigit) < 7 || text.Contains('_', StringComparison.Ordinal));

    private void Visit(string path, JsonElement value, int depth)
    {
        // A member of its own for each delivery would be learned for ever; those beyond the bound aren't looked at.
        _isWhole &= ++_nodes <= MaxNodes && (_paths.Count < Sketch.MaxPaths * 2 || _paths.ContainsKey(path));
        if (!_isWhole)
            return;
        var seen = new PathSketch
        {
            Seen = 1,
            Types = TypeOf(value.ValueKind),
            Nulls = value.ValueKind == JsonValueKind.Null ? 1 : 0,
            Objects = value.ValueKind == JsonValueKind.Object ? 1 : 0,
            IsMapped = _mapped.Leads(path),
        };
        if (value.ValueKind == JsonValueKind.String && _mapped.HoldsWords(path))
            seen = value.GetString() is { } text && IsWord(text) ? seen with { Words = [text] } : seen with { IsFreeText = true };
        _paths[path] = _paths.TryGetValue(path, out var known) ? known.Merge(seen) : seen;

        if (depth == MaxDepth)
            return;
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
                Visit(PathOf(path, member.Name), member.Value, depth + 1);
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray().Take(MaxItems))
                Visit($"{path}[]", item, depth + 1);
        }
    }

    private string PathOf(string parent, string name)
    {
        var path = parent.Length == 0 ? name : $"{parent}.{name}";
        return IsPlain(name) || _mapped.Leads(path) ? path : parent.Length == 0 ? AnyName : $"{parent}.{AnyName}";
    }

    private static bool IsPlain(string name) =>
        name.Length is > 0 and <= MaxNameLength
        && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '$' or ' ')
        && name.Any(char.IsAsciiLetter)
        && name.Count(char.IsAsciiDigit) <= MaxDigitsOfName;

    public static ShapeTypes TypeOf(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => ShapeTypes.Object,
        JsonValueKind.Array => ShapeTypes.List,
        JsonValueKind.String => ShapeTypes.Text,
        JsonValueKind.Number => ShapeTypes.Number,
        JsonValueKind.True or JsonValueKind.False => ShapeTypes.Flag,
        _ => ShapeTypes.Null,
    };
}
