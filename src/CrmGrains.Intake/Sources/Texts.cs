using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CrmGrains.Intake.Sources;

/// <summary>Texts that vendors write without a bound: what an event takes of them.</summary>
internal static class Texts
{
    /// <summary>Of a mail or a transcript; more of it is in the stored delivery.</summary>
    public const int MaxLength = 100_000;

    private const int MaxSubjectLength = 120;

    /// <summary>The first line of a text, as its subject.</summary>
    public static string? Subject(string? text)
    {
        var line = (text ?? "").AsSpan().Trim();
        if (line.IndexOf('\n') is >= 0 and var end)
            line = line[..end].TrimEnd();
        if (line.IsEmpty)
            return null;
        if (line.Length <= MaxSubjectLength)
            return line.ToString();
        var cut = char.IsHighSurrogate(line[MaxSubjectLength - 2]) ? MaxSubjectLength - 2 : MaxSubjectLength - 1;
        return $"{line[..cut]}…";
    }

    /// <summary>An id of fixed length for a value that is too long, or too hostile, to be one.</summary>
    public static string Digest(ReadOnlySpan<byte> value) => Convert.ToHexStringLower(SHA256.HashData(value).AsSpan(0, 16));

    /// <summary>The same for a text.</summary>
    public static string Digest(string value) => Digest(Encoding.UTF8.GetBytes(value));

    /// <summary>A file as an event names it: it stays in the stored delivery.</summary>
    public static string Attachment(string? name, decimal? bytes) => bytes is { } size
        ? string.Create(CultureInfo.InvariantCulture, $"{name ?? "unnamed"} ({size:0} bytes)")
        : name ?? "unnamed";
}
