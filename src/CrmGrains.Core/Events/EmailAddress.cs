using System.Diagnostics.CodeAnalysis;

namespace CrmGrains.Core.Events;

/// <summary>
/// Mail addresses as people type them, in the one form that identity is matched by. Stricter than RFC 5321 where an address of that
/// kind is a mistake nearly always: no quoted local part, no letters beyond ASCII before the @, no address literal after it.
/// </summary>
public static class EmailAddress
{
    private const int MaxLength = 254;
    private const int MaxLocalLength = 64;

    /// <summary>
    /// The address trimmed, in lower case, its domain as it is in the DNS. Nothing else is changed: dots and what follows a plus
    /// mean the same mailbox with some providers only.
    /// </summary>
    public static bool TryNormalize(string? text, [NotNullWhen(true)] out string? address)
    {
        address = null;
        // An address may also carry the marks of width zero that copying from a page leaves.
        var trimmed = (text ?? "").AsSpan().Trim().Trim("\u200B\u200C\u200D\u2060\uFEFF").Trim();
        var at = trimmed.IndexOf('@');
        // The length is checked before any work: what came may be a whole book.
        if (at is < 1 or > MaxLocalLength || trimmed.Length > MaxLength || !IsLocalPart(trimmed[..at])
            || !DomainName.TryNormalize(trimmed[(at + 1)..].ToString(), out var domain))
        {
            return false;
        }
        var normalized = $"{trimmed[..at].ToString().ToLowerInvariant()}@{domain}";
        if (normalized.Length > MaxLength)
            return false;
        address = normalized;
        return true;
    }

    /// <summary>The domain of a normalized address.</summary>
    public static string DomainOf(string address) => address[(address.IndexOf('@', StringComparison.Ordinal) + 1)..];

    private static bool IsLocalPart(ReadOnlySpan<char> text)
    {
        if (text[0] == '.' || text[^1] == '.' || text.Contains("..", StringComparison.Ordinal))
            return false;
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && !"!#$%&'*+-/=?^_`{|}~.".Contains(letter, StringComparison.Ordinal))
                return false;
        }
        return true;
    }
}
