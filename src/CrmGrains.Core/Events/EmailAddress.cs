using System.Diagnostics.CodeAnalysis;

namespace CrmGrains.Core.Events;

/// <summary>
/// Mail addresses as people type them, in the one form that identity is matched by. Stricter than RFC 5321 where an address of that
/// kind is a mistake nearly always: no letters beyond ASCII before the @, no address literal after it, no escapes within quotes.
/// </summary>
public static class EmailAddress
{
    private const int MaxLength = 254;
    private const int MaxLocalLength = 64;

    /// <summary>
    /// The address trimmed, in lower case, its domain as it is in the DNS, without quotes that nothing needs. Nothing else is changed:
    /// dots and what follows a plus mean the same mailbox with some providers only.
    /// </summary>
    public static bool TryNormalize(string? text, [NotNullWhen(true)] out string? address)
    {
        address = null;
        // An address may also carry the marks of width zero that copying from a page leaves.
        var trimmed = (text ?? "").AsSpan().Trim().Trim("\u200B\u200C\u200D\u2060\uFEFF").Trim();
        // Within quotes there may be another one.
        var at = trimmed.LastIndexOf('@');
        // The length is checked before any work: what came may be a whole book.
        if (at is < 1 or > MaxLocalLength || trimmed.Length > MaxLength)
            return false;
        var local = trimmed[..at];
        if (local is ['"', .. var quoted, '"'] && IsDotAtom(quoted))
            local = quoted;
        if (!(IsDotAtom(local) || IsQuoted(local)) || !DomainName.TryNormalize(trimmed[(at + 1)..].ToString(), out var domain))
        {
            return false;
        }
        var normalized = $"{local.ToString().ToLowerInvariant()}@{domain}";
        if (normalized.Length > MaxLength)
            return false;
        address = normalized;
        return true;
    }

    /// <summary>The domain of a normalized address.</summary>
    public static string DomainOf(string address) => address[(address.LastIndexOf('@') + 1)..];

    /// <summary>The address as people read it: its domain in its own letters. Not for storing: two domains may look the same.</summary>
    /// <param name="address">Normalized.</param>
    public static string Display(string address) =>
        $"{address.AsSpan(0, address.LastIndexOf('@') + 1)}{DomainName.Display(DomainOf(address))}";

    /// <summary>Whether it is in the form that <see cref="TryNormalize"/> gives, without making anything.</summary>
    public static bool IsNormal(ReadOnlySpan<char> text)
    {
        var at = text.LastIndexOf('@');
        if (at is < 1 or > MaxLocalLength || text.Length > MaxLength || text.ContainsAnyInRange('A', 'Z'))
            return false;
        var isLocalPart = text[0] == '"' ? IsQuoted(text[..at]) && !IsDotAtom(text[1..(at - 1)]) : IsDotAtom(text[..at]);
        return isLocalPart && DomainName.IsNormal(text[(at + 1)..]);
    }

    private static bool IsDotAtom(ReadOnlySpan<char> text)
    {
        if (text.Length == 0 || text[0] == '.' || text[^1] == '.' || text.Contains("..", StringComparison.Ordinal))
            return false;
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && !"!#$%&'*+-/=?^_`{|}~.".Contains(letter, StringComparison.Ordinal))
                return false;
        }
        return true;
    }

    private static bool IsQuoted(ReadOnlySpan<char> text) =>
        text is ['"', .. { Length: > 0 } inside, '"'] && !inside.ContainsAny('"', '\\') && !inside.ContainsAnyExceptInRange(' ', '~');
}
