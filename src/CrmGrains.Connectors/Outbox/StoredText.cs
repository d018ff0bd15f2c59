using System.Text;

namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// Text from outside in a form that PostgreSQL takes and that is bounded. One NUL in an error message would otherwise make its booking
/// fail, and every repetition of it.
/// </summary>
internal static class StoredText
{
    public const int MaxBodyChars = 16 * 1024;
    public const int MaxDetailChars = 2 * 1024;
    public const int MaxNameChars = 200;

    /// <summary>Cut, without NULs, and with U+FFFD for halves of surrogate pairs.</summary>
    public static string? Of(string? text, int maxChars)
    {
        if (text is null)
            return null;
        var cut = text.Length <= maxChars ? text.AsSpan() : text.AsSpan(0, maxChars);
        if (!cut.Contains('\0') && !cut.ContainsAnyInRange('\uD800', '\uDFFF'))
            return cut.Length == text.Length ? text : cut.ToString();

        var clean = new StringBuilder(cut.Length);
        foreach (var rune in cut.EnumerateRunes())
        {
            if (rune.Value != 0)
                clean.Append(rune.ToString());
        }

        return clean.ToString();
    }

    /// <summary>Whether a CRM's id of a record can be one.</summary>
    public static bool IsId(string? id) => id is { Length: > 0 and <= MaxNameChars } && Of(id, MaxNameChars) == id;
}
