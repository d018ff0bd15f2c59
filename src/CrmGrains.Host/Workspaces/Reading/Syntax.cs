using System.Text.RegularExpressions;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>The forms that texts of a workspace file have: domains, addresses, headers, payload paths, templates.</summary>
internal static partial class Syntax
{
    /// <summary>Bare and lower-case: no scheme, no path, at least two labels.</summary>
    public static bool IsDomain(string text) => text.Length <= 253 && DomainPattern().IsMatch(text);

    /// <summary>Lower-case, as addresses are compared.</summary>
    public static bool IsEmail(string text) =>
        text.Split('@') is [{ Length: > 0 and <= 64 } local, var domain] && LocalPartPattern().IsMatch(local) && IsDomain(domain);

    public static bool IsHeader(string text) => HeaderPattern().IsMatch(text);

    /// <summary>Keys with dots between them, as <c>contact.email</c>.</summary>
    public static bool IsPayloadPath(string text) => text.Length <= 200 && text.Split('.').All(key => key.Length > 0 && key == key.Trim());

    /// <summary>A property's name in a CRM.</summary>
    public static bool IsProperty(string text) => PropertyPattern().IsMatch(text);

    /// <summary>What is wrong with a text in which <c>{name}</c> is filled in; null where nothing is.</summary>
    public static string? FaultOfTemplate(string template, IReadOnlyList<string> known, out int placeholders)
    {
        placeholders = 0;
        for (var at = template.AsSpan().IndexOfAny('{', '}'); at >= 0;)
        {
            var end = template.IndexOf('}', at);
            if (template[at] == '}' || end < 0)
                return "has a brace without its other one. Write a placeholder as `{name}`";
            var name = template[(at + 1)..end];
            if (!known.Contains(name))
                return $"has the placeholder `{{{Value.Clipped(name)}}}`, which there isn't. It must be {Value.OrList([.. known.Select(each => $"{{{each}}}")])}";
            placeholders++;
            var next = template.AsSpan(end + 1).IndexOfAny('{', '}');
            at = next < 0 ? -1 : end + 1 + next;
        }

        return null;
    }

    [GeneratedRegex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex DomainPattern();

    [GeneratedRegex("^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+\\z", RegexOptions.NonBacktracking)]
    private static partial Regex LocalPartPattern();

    [GeneratedRegex("^[A-Za-z0-9-]{1,64}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex HeaderPattern();

    [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9_.]{0,99}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex PropertyPattern();
}
