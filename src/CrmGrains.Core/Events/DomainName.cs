using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CrmGrains.Core.Events;

/// <summary>Names of hosts as people type them, in the one form that companies are matched by: bare, lower-case, as in the DNS.</summary>
public static class DomainName
{
    private const int MaxLength = 253;
    private const int MaxLabelLength = 63;

    // Longer than any address that a person would give as their site.
    private const int MaxUrlLength = 4096;

    private static readonly IdnMapping Idn = new();

    /// <summary>A bare name in lower case and Punycode. No IP addresses, no names of one label, no <c>localhost</c>.</summary>
    public static bool TryNormalize(string? text, [NotNullWhen(true)] out string? domain)
    {
        domain = null;
        var trimmed = (text ?? "").Trim().TrimEnd('.');
        if (trimmed.Length is 0 or > MaxLength)
            return false;
        var name = trimmed.ToLowerInvariant();
        if (!System.Text.Ascii.IsValid(name) && !TryPunycode(ref name))
            return false;
        if (!IsNormal(name))
            return false;
        domain = name;
        return true;
    }

    /// <summary>
    /// The name in an address, with or without scheme, user, port, path and leading <c>www.</c>: <c>https://www.example.com/contact</c> is
    /// <c>example.com</c>. Only web addresses have one.
    /// </summary>
    public static bool TryFromUrl(string? text, [NotNullWhen(true)] out string? domain)
    {
        domain = null;
        var rest = (text ?? "").AsSpan().Trim();
        if (rest.Length > MaxUrlLength)
            return false;

        var scheme = rest.IndexOf("//", StringComparison.Ordinal);
        if (scheme >= 0 && (scheme == 0 || rest[..scheme].Equals("https:", StringComparison.OrdinalIgnoreCase)
            || rest[..scheme].Equals("http:", StringComparison.OrdinalIgnoreCase)))
        {
            rest = rest[(scheme + 2)..];
        }
        var end = rest.IndexOfAny("/?#\\");
        if (end >= 0)
            rest = rest[..end];
        rest = rest[(rest.LastIndexOf('@') + 1)..];
        var port = rest.LastIndexOf(':');
        if (port >= 0)
        {
            if (rest[(port + 1)..].ContainsAnyExceptInRange('0', '9'))
                return false;
            rest = rest[..port];
        }

        if (!TryNormalize(rest.ToString(), out var name))
            return false;
        // As often as it's there, so that normalizing twice changes nothing; but www.com is a name of its own.
        while (name.StartsWith("www.", StringComparison.Ordinal) && name.IndexOf('.', 4) >= 0)
            name = name[4..];
        domain = name;
        return true;
    }

    /// <summary>The name as people read it, in its own letters. Not for storing or comparing: two names may look the same.</summary>
    /// <param name="domain">Normalized.</param>
    public static string Display(string domain)
    {
        if (!domain.Contains("xn--", StringComparison.Ordinal))
            return domain;
        try
        {
            return Idn.GetUnicode(domain);
        }
        catch (ArgumentException)
        {
            // A label that only looks like Punycode reads as it is.
            return domain;
        }
    }

    /// <summary>Whether it is in the form that <see cref="TryNormalize"/> gives, without making anything.</summary>
    public static bool IsNormal(ReadOnlySpan<char> name)
    {
        if (name.Length > MaxLength)
            return false;
        var labels = 0;
        ReadOnlySpan<char> last = default;
        foreach (var range in name.Split('.'))
        {
            last = name[range];
            labels++;
            if (!IsLabel(last))
                return false;
        }
        // A last label with a digit and no letter is an IP address, or none that the DNS has.
        return labels >= 2 && last.Length >= 2 && last is not "localhost"
            && (!last.ContainsAnyExceptInRange('a', 'z') || last.StartsWith("xn--", StringComparison.Ordinal));
    }

    /// <summary>Whether anybody may have a mailbox there, so that sharing the domain says nothing about two people.</summary>
    /// <param name="domain">Normalized.</param>
    public static bool IsFreeMail(string domain) => MailDomains.IsFree(domain);

    /// <summary>Whether it is a platform on which businesses have pages, and which they therefore give as their site.</summary>
    /// <param name="domain">Normalized.</param>
    public static bool IsPlatform(string domain) => Platforms.Contains(domain);

    private static bool IsLabel(ReadOnlySpan<char> label)
    {
        if (label.Length is 0 or > MaxLabelLength || label[0] == '-' || label[^1] == '-')
            return false;
        foreach (var letter in label)
        {
            if (!char.IsAsciiLetterLower(letter) && !char.IsAsciiDigit(letter) && letter != '-')
                return false;
        }
        return true;
    }

    // Without the tables of Unicode, which InvariantGlobalization leaves out, letters that have a second spelling cannot be brought
    // into one: a combining accent, a letter of full width. They are refused, rather than being taken for another company's name.
    private static bool TryPunycode(ref string name)
    {
        foreach (var letter in name)
        {
            var isSecondSpelling = letter is
                (>= '\u0300' and <= '\u036F') or (>= '\uFB00' and <= '\uFB4F') or (>= '\uFF00' and <= '\uFFEF');
            var isMark = char.GetUnicodeCategory(letter) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
            if (isSecondSpelling || !(char.IsLetterOrDigit(letter) || isMark || letter is '-' or '.'))
                return false;
        }
        try
        {
            name = Idn.GetAscii(name).ToLowerInvariant();
            return true;
        }
        catch (ArgumentException)
        {
            // It says no by throwing; there is no other way to ask.
            return false;
        }
    }

    private static readonly FrozenSet<string> Platforms = FrozenSet.Create(
        StringComparer.Ordinal,
        "facebook.com", "m.facebook.com", "fb.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "youtube.com",
        "tiktok.com", "pinterest.com", "threads.net", "t.me", "wa.me", "linktr.ee", "bit.ly", "google.com", "sites.google.com",
        "docs.google.com", "g.page", "maps.app.goo.gl", "calendly.com", "github.com", "medium.com", "notion.site", "etsy.com",
        "upwork.com", "fiverr.com");
}
