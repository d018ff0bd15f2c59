using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources.Mail;

/// <summary>What mails write letters beyond ASCII with: encoded words in headers (RFC 2047), and the encodings that bodies share with them.</summary>
internal static partial class EncodedWords
{
    // Names and subjects are cut far shorter. A header of a megabyte could have a hundred thousand words, each with a charset that there isn't.
    private const int MaxLength = 2_000;

    /// <summary>The text of a header, of its beginning where it is long. A word that isn't well formed stays as it is.</summary>
    public static string Decode(string header)
    {
        var beginning = header.Length > MaxLength ? header[..MaxLength] : header;
        return beginning.Contains("=?", StringComparison.Ordinal)
            ? Word().Replace(
                Between().Replace(beginning, "?==?"),
                match => Decode(match.Groups["charset"].Value, match.Groups["encoding"].Value, match.Groups["word"].Value))
            : beginning;
    }

    /// <summary>The bytes of base64, without what isn't of its alphabet; nothing where it is cut off within a letter.</summary>
    public static byte[] FromBase64(ReadOnlySpan<byte> text)
    {
        var letters = new byte[text.Length];
        var count = 0;
        foreach (var letter in text)
        {
            if (char.IsAsciiLetterOrDigit((char)letter) || letter is (byte)'+' or (byte)'/')
                letters[count++] = letter;
        }

        // What is over is no whole byte; padding was left out above.
        var whole = count / 4 * 4;
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(whole) + 3];
        Base64.DecodeFromUtf8(letters.AsSpan(0, whole), bytes, out _, out var written);
        Span<byte> last = [(byte)'A', (byte)'A', (byte)'A', (byte)'A'];
        letters.AsSpan(whole, count - whole).CopyTo(last);
        Span<byte> decoded = stackalloc byte[3];
        Base64.DecodeFromUtf8(last, decoded, out _, out _);
        decoded[..Math.Max(0, count - whole - 1)].CopyTo(bytes.AsSpan(written));
        return bytes[..(written + Math.Max(0, count - whole - 1))];
    }

    /// <summary>The bytes of quoted-printable. An escape that isn't well formed stays as it is.</summary>
    /// <param name="isWord">Whether it is a word of a header, where an underscore is a blank.</param>
    public static byte[] FromQuotedPrintable(ReadOnlySpan<byte> text, bool isWord)
    {
        var bytes = new byte[text.Length];
        var count = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var rest = text[at..];
            if (rest.StartsWith("=\r\n"u8))
                at += 2;
            else if (rest.StartsWith("=\n"u8))
                at++;
            else if (rest.Length > 2 && rest[0] == '=' && byte.TryParse(rest.Slice(1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                (bytes[count++], at) = (value, at + 2);
            else
                bytes[count++] = isWord && rest[0] == '_' ? (byte)' ' : rest[0];
        }

        return bytes[..count];
    }

    private static string Decode(string charset, string encoding, string word)
    {
        var bytes = Encoding.UTF8.GetBytes(word);
        return TextEncodings.Decode(encoding is "B" or "b" ? FromBase64(bytes) : FromQuotedPrintable(bytes, isWord: true), charset);
    }

    [GeneratedRegex(@"=\?(?<charset>[^?\s*]{1,40})(\*[^?\s]{0,20})?\?(?<encoding>[BbQq])\?(?<word>[^?\s]*)\?=", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Word();

    // Blanks between two words aren't part of the text.
    [GeneratedRegex(@"\?=\s+=\?", RegexOptions.NonBacktracking)]
    private static partial Regex Between();
}
