using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CrmGrains.Intake.Payloads;

/// <summary>
/// Finds the path of a fault that is known by its place: reads again and keeps count, which is for the few bodies that have a fault.
/// </summary>
internal static class JsonPosition
{
    private const int MaxNameLength = 60;
    private const int MaxPathLength = 200;

    /// <summary>The path of the value, or of the name, that a byte is in; <c>$</c> outside of any.</summary>
    public static string OfByte(ReadOnlySpan<byte> json, long offset)
    {
        var reader = Reader(json);
        var steps = new Stack<Step>();
        try
        {
            // The token that holds the byte is the last one that begins before it or at it.
            while (reader.Read())
            {
                if (reader.TokenStartIndex > offset)
                    break;
                Follow(reader, steps);
            }
        }
        catch (JsonException)
        {
            // What follows is what cannot be read.
            if (steps.TryPeek(out var around))
                around.Index++;
        }
        return Text(steps);
    }

    /// <summary>The path of the first name that is in its object twice; <c>$</c> where there is none.</summary>
    public static string OfDuplicate(ReadOnlySpan<byte> json)
    {
        var reader = Reader(json);
        var steps = new Stack<Step>();
        try
        {
            while (reader.Read())
            {
                Follow(reader, steps);
                if (reader.TokenType == JsonTokenType.PropertyName && !steps.Peek().Names.Add(reader.GetString() ?? ""))
                    return Text(steps);
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Not JSON, or a name that is no text: whoever asks knows it already.
        }
        return "$";
    }

    private static Utf8JsonReader Reader(ReadOnlySpan<byte> json) =>
        new(json, new JsonReaderOptions { MaxDepth = StrictJson.MaxDepth + 2 });

    private static void Follow(in Utf8JsonReader reader, Stack<Step> steps)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                steps.Peek().Name = Encoding.UTF8.GetString(reader.ValueSpan);
                return;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                steps.Pop();
                return;
            default:
                if (steps.TryPeek(out var around) && around.IsArray)
                    around.Index++;
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                    steps.Push(new Step(IsArray: reader.TokenType == JsonTokenType.StartArray));
                return;
        }
    }

    private static string Text(Stack<Step> steps)
    {
        var path = string.Join('.', steps.Reverse().Select(step => step.Text).Where(text => text.Length > 0));
        return path.Length == 0 ? "$" : Cut(path, MaxPathLength);
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..(length - 1)] + "…";

    /// <summary>Where we are inside one object or array.</summary>
    private sealed record Step(bool IsArray)
    {
        public int Index { get; set; } = -1;

        public string? Name { get; set; }

        public HashSet<string> Names { get; } = [];

        public string Text => !IsArray ? Cut(Name ?? "", MaxNameLength) : Index >= 0 ? Index.ToString(CultureInfo.InvariantCulture) : "";
    }
}
