using System.Text;
using System.Text.RegularExpressions;

namespace CrmGrains.Sandbox.Channels;

/// <summary>A mail as a reader shows it: headers unfolded and decoded, text and HTML.</summary>
/// <param name="Headers">By name in lower case.</param>
internal sealed partial record ReadMail(IReadOnlyDictionary<string, string> Headers, string? Text, string? Html)
{
    public static ReadMail Of(byte[] bytes)
    {
        var (headers, body) = Split(Encoding.UTF8.GetString(bytes));
        var type = headers.GetValueOrDefault("content-type") ?? "text/plain";
        if (BoundaryPattern().Match(type) is not { Success: true } boundary)
            return type.StartsWith("text/html", StringComparison.OrdinalIgnoreCase)
                ? new ReadMail(headers, null, Content(headers, body))
                : new ReadMail(headers, Content(headers, body), null);

        string? text = null, html = null;
        foreach (var part in body.Split($"--{boundary.Groups["text"].Value}").Skip(1).Where(part => !part.StartsWith("--", StringComparison.Ordinal)))
        {
            var (inner, content) = Split(part.TrimStart('\r', '\n'));
            if ((inner.GetValueOrDefault("content-type") ?? "").StartsWith("text/html", StringComparison.OrdinalIgnoreCase)) html = Content(inner, content);
            else text = Content(inner, content);
        }

        return new ReadMail(headers, text, html);
    }

    private static (Dictionary<string, string> Headers, string Body) Split(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var (head, body) = end < 0 ? (text, "") : (text[..end], text[(end + 4)..]);
        var headers = new Dictionary<string, string>();
        foreach (var line in FoldPattern().Replace(head, " ").Split("\r\n"))
            if (line.Split(':', 2) is [var name, var value])
                headers[name.Trim().ToLowerInvariant()] = Decoded(value.Trim());
        return (headers, body);
    }

    private static string Content(Dictionary<string, string> headers, string body)
    {
        if (headers.GetValueOrDefault("content-transfer-encoding") != "base64") return body;
        var bytes = new byte[body.Length];
        return Convert.TryFromBase64String(body.Trim(), bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : body;
    }

    // Words next to each other are one text (RFC 2047, section 6.2).
    private static string Decoded(string value) =>
        WordPattern().Replace(BetweenPattern().Replace(value, "${end}${begin}"), word => Encoding.UTF8.GetString(Convert.FromBase64String(word.Groups["text"].Value)));

    [GeneratedRegex("boundary=\"?(?<text>[^\";]+)\"?", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex BoundaryPattern();

    [GeneratedRegex("\r\n[ \t]+", RegexOptions.NonBacktracking)]
    private static partial Regex FoldPattern();

    [GeneratedRegex(@"=\?utf-8\?B\?(?<text>[A-Za-z0-9+/=]+)\?=", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex WordPattern();

    [GeneratedRegex(@"(?<end>\?=)\s+(?<begin>=\?)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex BetweenPattern();
}
