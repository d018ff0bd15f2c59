using System.Text;

namespace CrmGrains.Intake.Payloads;

/// <summary>Character sets by the names that senders write. What can't be decoded becomes U+FFFD; NUL, which PostgreSQL can't store, goes.</summary>
internal static class TextEncodings
{
    private const int MaxNameLength = 40;

    /// <summary>The text of bytes; UTF-8 where the name is missing or means nothing to us.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes, string? charset)
    {
        var text = (IsUtf8(charset) ? Encoding.UTF8 : Named(charset)).GetString(bytes);
        return text.Contains('\0', StringComparison.Ordinal) ? text.Replace("\0", "", StringComparison.Ordinal) : text;
    }

    private static bool IsUtf8(string? charset) =>
        charset is null or { Length: 0 or > MaxNameLength }
        || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
        || charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase);

    // The code pages aren't registered for the process: that would change what its other parts understand.
    private static Encoding Named(string? charset)
    {
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(charset ?? "") ?? Encoding.GetEncoding(charset ?? "");
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            return Encoding.UTF8;
        }
    }
}
