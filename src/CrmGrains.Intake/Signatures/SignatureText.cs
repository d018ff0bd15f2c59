using System.Buffers;
using System.Globalization;

namespace CrmGrains.Intake.Signatures;

/// <summary>Reads what stands in signature headers. What cannot be read is null, never an exception.</summary>
internal static class SignatureText
{
    /// <summary>More than any rotation needs; a longer list is refused rather than compared.</summary>
    public const int MaxSignatures = 16;

    /// <summary>Hexadecimal digits in any case.</summary>
    public static byte[]? FromHex(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length / 2];
        return text.Length > 0 && Convert.FromHexString(text, bytes, out _, out _) == OperationStatus.Done ? bytes : null;
    }

    /// <summary>Base64 with its padding.</summary>
    public static byte[]? FromBase64(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length / 4 * 3];
        return text.Length > 0 && Convert.TryFromBase64Chars(text, bytes, out var written) ? bytes[..written] : null;
    }

    /// <summary>Whole seconds since 1970, digits only.</summary>
    public static DateTimeOffset? FromUnixSeconds(ReadOnlySpan<char> text) =>
        text.Length <= 11 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    /// <summary>Whole milliseconds since 1970, digits only.</summary>
    public static DateTimeOffset? FromUnixMilliseconds(ReadOnlySpan<char> text) =>
        text.Length <= 14 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;
}
