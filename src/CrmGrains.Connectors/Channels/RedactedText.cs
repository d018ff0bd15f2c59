using System.Text.RegularExpressions;

namespace CrmGrains.Connectors.Channels;

/// <summary>What others say, fit for logs, receipts and reviews: without addresses of people, on one line, cut.</summary>
internal static partial class RedactedText
{
    private const int MaxChars = 500;

    public static string? Of(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var cut = text.Length > MaxChars ? text[..MaxChars] : text;
        var line = string.Concat(cut.Select(letter => char.IsControl(letter) ? ' ' : letter)).Trim();
        return AddressPattern().Replace(line, "[email]");
    }

    [GeneratedRegex(@"[^\s@""<>\[\]()',;:]+@[^\s@""<>\[\]()',;:]+", RegexOptions.NonBacktracking)]
    private static partial Regex AddressPattern();
}
