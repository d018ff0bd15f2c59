using System.Text;

namespace CrmGrains.Intake.Payloads;

/// <summary>The headers of a mail or of a part of it (RFC 5322, section 2.2): read leniently, as much as is well formed, and bounded.</summary>
internal sealed class MimeHeaders
{
    // Far more than mails have: some hundred lines of relays and signatures.
    private const int MaxBytes = 64 * 1024;
    private const int MaxCount = 500;

    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    private MimeHeaders() { }

    /// <summary>The first value of a header, unfolded; null where there is none.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>Reads headers up to the blank line.</summary>
    /// <param name="length">Where the body begins.</param>
    public static MimeHeaders Read(ReadOnlySpan<byte> bytes, out int length)
    {
        var headers = new MimeHeaders();
        (string Name, StringBuilder Value)? last = null;
        length = 0;
        while (length < bytes.Length && length < MaxBytes && headers._values.Count < MaxCount)
        {
            var rest = bytes[length..];
            var end = rest.IndexOf((byte)'\n');
            var line = (end < 0 ? rest : rest[..end]).TrimEnd((byte)'\r');
            length += end < 0 ? rest.Length : end + 1;
            if (line.IsEmpty)
                break;
            if (line[0] is (byte)' ' or (byte)'\t')
            {
                last?.Value.Append(' ').Append(Text(line));
                continue;
            }

            headers.Add(last);
            last = line.IndexOf((byte)':') is > 0 and var colon
                ? (Text(line[..colon]), new StringBuilder(Text(line[(colon + 1)..])))
                : null;
        }

        headers.Add(last);
        return headers;
    }

    /// <summary>A parameter of a header's value, <c>form-data; name="a"</c>, without its quotes; null where there is none.</summary>
    public static string? Parameter(string? value, string name)
    {
        var rest = (value ?? "").AsSpan();
        while (rest.IndexOf(';') is >= 0 and var semicolon)
        {
            rest = rest[(semicolon + 1)..].TrimStart();
            var equals = rest.IndexOf('=');
            if (equals < 0)
                return null;
            var isIt = rest[..equals].TrimEnd().Equals(name, StringComparison.OrdinalIgnoreCase);
            rest = rest[(equals + 1)..].TrimStart();
            var text = rest is ['"', ..] ? Quoted(ref rest) : Token(ref rest);
            if (isIt)
                return text;
        }

        return null;
    }

    private void Add((string Name, StringBuilder Value)? header)
    {
        if (header is { } read)
            _values.TryAdd(read.Name, read.Value.ToString());
    }

    private static string Text(ReadOnlySpan<byte> bytes) => TextEncodings.Decode(bytes, charset: null).Trim();

    private static string Token(ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOf(';');
        var token = (end < 0 ? rest : rest[..end]).Trim().ToString();
        rest = rest[token.Length..];
        return token;
    }

    private static string Quoted(ref ReadOnlySpan<char> rest)
    {
        var text = new StringBuilder();
        var at = 1;
        for (; at < rest.Length && rest[at] != '"'; at++)
        {
            // Browsers leave the backslashes of Windows paths as they are, so only a quote or a backslash is ever escaped.
            if (rest[at] == '\\' && at + 1 < rest.Length && rest[at + 1] is '"' or '\\')
                at++;
            text.Append(rest[at]);
        }

        rest = rest[Math.Min(at + 1, rest.Length)..];
        return text.ToString();
    }
}
