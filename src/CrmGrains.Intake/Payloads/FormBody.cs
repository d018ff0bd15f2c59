using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using System.Text.Json;
using CrmGrains.Core.Events;

namespace CrmGrains.Intake.Payloads;

/// <summary>
/// Reads <c>application/x-www-form-urlencoded</c> (WHATWG URL, section 5.1) as an object of texts. Never throws, whatever the bytes are.
/// Not by ASP.NET's reader: it takes escaped bytes for UTF-8 whatever the charset is, and answers a bound that is passed with an exception.
/// </summary>
internal static class FormBody
{
    /// <summary>The document, which the caller disposes of; or the first fault.</summary>
    /// <param name="contentType">May name a charset, else it is UTF-8.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> body, string? contentType,
        [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out Fault? fault)
    {
        var charset = MimeHeaders.Parameter(contentType, "charset");
        var fields = new BodyFields();
        var form = body.Span;
        foreach (var range in form.Split((byte)'&'))
        {
            var pair = form[range];
            if (!pair.IsEmpty && !fields.Add(Decoded(NameOf(pair), charset), Decoded(ValueOf(pair), charset)))
                break;
        }

        return fields.TryToJson(out document, out fault);
    }

    /// <summary>The first field of a name, which is looked for without reading the others; null where there is none.</summary>
    public static string? Find(ReadOnlySpan<byte> form, string name)
    {
        Span<byte> wanted = stackalloc byte[64];
        wanted = wanted[..Encoding.ASCII.GetBytes(name, wanted)];
        foreach (var range in form.Split((byte)'&'))
        {
            var pair = form[range];
            if (NameOf(pair).SequenceEqual(wanted))
                return Decoded(ValueOf(pair), charset: null);
        }

        return null;
    }

    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> pair) => pair.IndexOf((byte)'=') is >= 0 and var equals ? pair[..equals] : pair;

    private static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> pair) => pair.IndexOf((byte)'=') is >= 0 and var equals ? pair[(equals + 1)..] : [];

    private static string Decoded(ReadOnlySpan<byte> escaped, string? charset)
    {
        if (!escaped.ContainsAny("%+"u8))
            return TextEncodings.Decode(escaped, charset);
        var bytes = escaped.ToArray();
        return TextEncodings.Decode(WebUtility.UrlDecodeToBytes(bytes, 0, bytes.Length), charset);
    }
}
