using System.Text.RegularExpressions;

namespace CrmGrains.Host.Configuration;

/// <summary>Where a secret is: <c>env:NAME</c> or <c>file:/path</c>. Holds no secret, so it may be shown.</summary>
/// <param name="Variable">The environment variable; null where it is a file.</param>
/// <param name="File">The file's absolute path; null where it is a variable.</param>
/// <param name="Default">What stands where nothing is set, after a <c>|</c>; only for what is no secret.</param>
internal readonly partial record struct SecretReference(string? Variable, string? File, string? Default)
{
    /// <returns>Null where the text is no reference.</returns>
    public static SecretReference? Parse(string text)
    {
        var bar = text.IndexOf('|', StringComparison.Ordinal);
        var (place, fallback) = bar < 0 ? (text, null) : (text[..bar], text[(bar + 1)..]);
        if (fallback is "")
            return null;
        if (VariablePattern().IsMatch(place))
            return new SecretReference(place["env:".Length..], null, fallback);
        return place.StartsWith("file:/", StringComparison.Ordinal) && place.Length is > 6 and < 4096 && !place.Any(char.IsControl)
            ? new SecretReference(null, place["file:".Length..], fallback)
            : null;
    }

    // Upper-case only: a pasted secret that happens to follow env: is not taken for a name.
    [GeneratedRegex("^env:[A-Z_][A-Z0-9_]{0,127}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex VariablePattern();
}
