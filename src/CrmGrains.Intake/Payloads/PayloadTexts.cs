using System.Text.Json;

namespace CrmGrains.Intake.Payloads;

/// <summary>Reads a payload's texts and names. What is too long is a fault.</summary>
internal static class PayloadTexts
{
    private const int MaxListItems = 50;
    private const int MaxListItemLength = 100;

    /// <summary>One line of text: runs of blanks and control characters are one blank.</summary>
    public static string? Line(this PayloadReader payload, string? path, int maxLength) =>
        payload.Noted(path, "one line, trimmed", payload.Bounded(path, CleanText.OneLine(payload.Scalar(path)), maxLength));

    /// <summary>Text of several lines: control characters other than line feeds and tabs are left out.</summary>
    public static string? Lines(this PayloadReader payload, string? path, int maxLength)
    {
        var text = payload.Scalar(path);
        return payload.Noted(path, "lines, trimmed", payload.Bounded(path, text is null ? null : CleanText.Lines(text), maxLength));
    }

    /// <summary>Text of several lines, of which what doesn't fit is left out: it stays in the stored delivery.</summary>
    public static string? Beginning(this PayloadReader payload, string? path, int maxLength)
    {
        var text = payload.Scalar(path);
        return text is null ? null : CleanText.Beginning(text, maxLength);
    }

    /// <summary>Internal names, as a list or as one text with commas or semicolons: in lower case, with underscores, each once.</summary>
    public static IReadOnlyList<string>? Names(this PayloadReader payload, string? path)
    {
        if (path is null || payload.Find(path) is not { } value)
            return null;
        var isList = value.ValueKind == JsonValueKind.Array;
        var parts = isList ? [] : (payload.Scalar(path) ?? "").Split([',', ';'], StringSplitOptions.RemoveEmptyEntries);
        var count = isList ? value.GetArrayLength() : parts.Length;
        if (count > MaxListItems)
        {
            payload.Add(path, "list_too_long", $"It has more than {MaxListItems} entries: send fewer.");
            return null;
        }

        var names = Enumerable.Range(0, count)
            .Select(index => isList ? payload.Line($"{path}.{index}", MaxListItemLength) : payload.Bounded(path, CleanText.OneLine(parts[index]), MaxListItemLength))
            .OfType<string>()
            .Select(name => name.ToLowerInvariant().Replace(' ', '_').Replace('-', '_'))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return names.Count > 0 ? payload.Noted(path, isList ? "names, lower-cased" : "names from one text, lower-cased", (IReadOnlyList<string>)names) : null;
    }

    private static string? Bounded(this PayloadReader payload, string? path, string? text, int maxLength)
    {
        if (string.IsNullOrEmpty(text) || path is null)
            return null;
        if (text.Length <= maxLength)
            return text;
        payload.Add(path, "too_long", $"It has more than {maxLength} characters: shorten it.");
        return null;
    }
}
