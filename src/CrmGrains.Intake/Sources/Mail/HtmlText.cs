using System.Net;
using System.Text;

namespace CrmGrains.Intake.Sources.Mail;

/// <summary>The text of a mail that has only HTML: for reading and searching, not for showing. Looks at each letter once.</summary>
internal static class HtmlText
{
    private static readonly string[] Unread = ["style", "script", "head", "title"];
    private static readonly string[] Lines = ["br", "p", "div", "tr", "li", "h1", "h2", "h3", "blockquote"];

    /// <summary>Null where there is none.</summary>
    public static string? Of(string html)
    {
        var text = new StringBuilder(html.Length);
        var rest = html.AsSpan();
        while (rest.IndexOf('<') is >= 0 and var open)
        {
            text.Append(rest[..open]);
            rest = rest[open..];
            var isComment = rest.StartsWith("<!--", StringComparison.Ordinal);
            var close = isComment ? rest.IndexOf("-->", StringComparison.Ordinal) + 2 : rest.IndexOf('>');
            if (close < (isComment ? 2 : 0))
            {
                // Never closed: no text follows.
                rest = [];
                break;
            }

            var name = isComment ? [] : NameOf(rest[1..close]);
            if (Is(name, Lines))
                text.Append('\n');
            rest = rest[(close + 1)..];
            if (Is(name, Unread))
                rest = After(rest, name);
        }

        var decoded = WebUtility.HtmlDecode(text.Append(rest).ToString());
        var lines = decoded.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Length > 0 ? string.Join('\n', lines) : null;
    }

    private static ReadOnlySpan<char> NameOf(ReadOnlySpan<char> tag)
    {
        var end = tag.IndexOfAny(" \t\r\n/");
        return end < 0 ? tag : tag[..end];
    }

    private static bool Is(ReadOnlySpan<char> name, string[] names)
    {
        foreach (var one in names)
        {
            if (name.Equals(one, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static ReadOnlySpan<char> After(ReadOnlySpan<char> rest, ReadOnlySpan<char> name)
    {
        var end = rest.IndexOf($"</{name}", StringComparison.OrdinalIgnoreCase);
        return end < 0 ? [] : rest[end..];
    }
}
