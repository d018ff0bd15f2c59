using System.Text;

namespace CrmGrains.Intake.Payloads;

/// <summary>Texts without what nobody sees: as one line, as several, or as much as fits.</summary>
internal static class CleanText
{
    /// <summary>A text as one line; null where nothing of it is left.</summary>
    public static string? OneLine(string? text)
    {
        if (text is null || IsOneLine(text))
            return text;
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

    // Most texts are one line already.
    private static bool IsOneLine(string text)
    {
        if (text.Length == 0 || text[^1] == ' ')
            return false;
        var last = ' ';
        foreach (var letter in text)
        {
            if (char.IsControl(letter) || (letter == ' ' ? last == ' ' : char.IsWhiteSpace(letter)))
                return false;
            last = letter;
        }

        return true;
    }

    /// <summary>Several lines of text without the control characters that nobody sees.</summary>
    public static string Lines(string text) =>
        string.Concat(text.ReplaceLineEndings("\n").Where(letter => letter is '\n' or '\t' || !char.IsControl(letter))).Trim();

    /// <summary>The beginning of a text of several lines; null where nothing of it is left.</summary>
    public static string? Beginning(string text, int maxLength)
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
}
