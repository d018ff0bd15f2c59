using System.Text;
using System.Text.Unicode;

namespace CrmGrains.Intake.Payloads;

/// <summary>Character sets by the names that senders write. What can't be decoded becomes U+FFFD; NUL, which PostgreSQL can't store, goes.</summary>
internal static class TextEncodings
{
    private const int MaxNameLength = 40;

    /// <summary>The text of bytes; UTF-8 where the name is missing or means nothing to us.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes, string? charset)
    {
        var text = IsUtf8(charset) ? Utf8Text(bytes) : Named(charset).GetString(bytes);
        return text.Contains('\0', StringComparison.Ordinal) ? text.Replace("\0", "", StringComparison.Ordinal) : text;
    }

    // The encoding's own way to replace what is no UTF-8 took 300 ms for a megabyte of such bytes; this takes a few.
    private static string Utf8Text(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);
        var letters = new char[bytes.Length];
        Utf8.ToUtf16(bytes, letters, out _, out var written);
        return new string(letters, 0, written);
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
