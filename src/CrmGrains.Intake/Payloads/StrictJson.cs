using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using CrmGrains.Core.Events;

namespace CrmGrains.Intake.Payloads;

/// <summary>
/// Reads a body as JSON of which nothing can surprise later: no name twice, which two readers would read differently; no characters
/// that PostgreSQL cannot store; no numbers that arithmetic cannot hold. Never throws, whatever the bytes are.
/// </summary>
public static class StrictJson
{
    /// <summary>How deep objects and arrays may be nested.</summary>
    public const int MaxDepth = 64;

    // A double has at most 17 digits that mean something; a number this long is an attack or a mistake.
    private const int MaxNumberLength = 64;

    // More are rarely open at once; where they are, the document is looked at.
    private const int UsualNames = 128;

    // One deeper than allowed, so that it is us who find the fault and can name it.
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth + 1 };
    private static readonly JsonDocumentOptions Known = new() { MaxDepth = MaxDepth };
    private static readonly JsonDocumentOptions LookingForRepeats = Known with { AllowDuplicateProperties = false };

    /// <summary>The document, which the caller disposes of and which reads from <paramref name="body"/>; or the first fault.</summary>
    /// <param name="fault">
    /// Its code is <c>empty_body</c>, <c>not_json</c>, <c>invalid_utf8</c>, <c>too_deep</c>, <c>duplicate_key</c>, <c>nul_character</c>,
    /// <c>invalid_unicode</c> or <c>number_out_of_range</c>; its path <c>$</c> where it isn't known.
    /// </param>
    public static bool TryParse(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out Fault? fault)
    {
        document = null;
        var json = WithoutByteOrderMark(body);
        fault = FaultOf(json.Span, out var mayRepeat);
        return fault is null && TryRead(json, mayRepeat, out document, out fault);
    }

    /// <summary>The fault that <see cref="TryParse"/> would find; null where there is none. Makes a document only where it has to.</summary>
    public static Fault? FaultOf(ReadOnlyMemory<byte> body)
    {
        var json = WithoutByteOrderMark(body);
        if (FaultOf(json.Span, out var mayRepeat) is { } fault)
            return fault;
        if (!mayRepeat)
            return null;
        if (!TryRead(json, mayRepeat, out var document, out var repeat))
            return repeat;
        document.Dispose();
        return null;
    }

    /// <summary>Whether a body begins like an object: a form doesn't, and needn't be read to its first fault.</summary>
    public static bool MayBeObject(ReadOnlyMemory<byte> body)
    {
        var json = WithoutByteOrderMark(body).Span;
        return json.IndexOfAnyExcept(" \t\r\n"u8) is >= 0 and var first && json[first] == '{';
    }

    /// <summary>The same bytes without the mark that some senders put in front of UTF-8.</summary>
    public static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;

    private static bool TryRead(
        ReadOnlyMemory<byte> json, bool mayRepeat, [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out Fault? fault)
    {
        try
        {
            (document, fault) = (JsonDocument.Parse(json, mayRepeat ? LookingForRepeats : Known), null);
            return true;
        }
        catch (JsonException)
        {
            // The tokens are in order, so this is the one thing left to be wrong.
            (document, fault) = (null, new(JsonPosition.OfDuplicate(json.Span), "duplicate_key", "The name is there twice in one object: send it once."));
            return false;
        }
    }

    // All but names that are twice in an object, and whether any may be.
    private static Fault? FaultOf(ReadOnlySpan<byte> json, out bool mayRepeat)
    {
        mayRepeat = false;
        return FaultOfBytes(json) ?? FaultOfTokens(json, out mayRepeat);
    }

    private static Fault? FaultOfBytes(ReadOnlySpan<byte> json)
    {
        if (!json.ContainsAnyExcept(" \t\r\n"u8))
            return new("$", "empty_body", "The body is empty: send a JSON object.");
        if (!Utf8.IsValid(json))
            return new("$", "invalid_utf8", "The body is not UTF-8: send it as UTF-8.");
        if (json.IndexOf((byte)0) is >= 0 and var nul)
            return new(JsonPosition.OfByte(json, nul), "nul_character", "There is a NUL character: leave it out.");
        return null;
    }

    private static Fault? FaultOfTokens(ReadOnlySpan<byte> json, out bool mayRepeat)
    {
        mayRepeat = false;
        var reader = new Utf8JsonReader(json, ReaderOptions);
        var names = new OpenNames(stackalloc ulong[UsualNames], stackalloc int[MaxDepth + 1]);
        try
        {
            while (reader.Read())
            {
                if (FaultOfToken(reader) is var (code, message))
                    return new(JsonPosition.OfByte(json, reader.TokenStartIndex), code, message);
                names.Follow(reader);
            }
            mayRepeat = names.MayRepeat;
            return null;
        }
        catch (JsonException)
        {
            var at = reader.BytesConsumed;
            return new(JsonPosition.OfByte(json, at), "not_json", $"The body is not JSON from byte {at} on: send valid JSON.");
        }
    }

    private static (string Code, string Message)? FaultOfToken(in Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth >= MaxDepth:
                return ("too_deep", $"It is nested deeper than {MaxDepth} levels: send it flatter.");
            case JsonTokenType.PropertyName or JsonTokenType.String when reader.ValueIsEscaped:
                return FaultOfEscapes(reader.ValueSpan);
            case JsonTokenType.Number when !IsInRange(reader):
                return ("number_out_of_range", "The number is longer or larger than a double holds: send it as text.");
            default:
                return null;
        }
    }

    private static (string Code, string Message)? FaultOfEscapes(ReadOnlySpan<byte> text)
    {
        var wantsLowSurrogate = false;
        for (var at = 0; at < text.Length;)
        {
            var unit = text[at] == '\\' && text[at + 1] == 'u'
                ? ushort.Parse(text.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                : -1;
            if (unit == 0)
                return ("nul_character", "There is a NUL character (\\u0000): leave it out.");
            if (wantsLowSurrogate != unit is >= 0xDC00 and <= 0xDFFF)
                return ("invalid_unicode", "There is half of a surrogate pair: send whole characters.");
            wantsLowSurrogate = unit is >= 0xD800 and <= 0xDBFF;
            at += unit >= 0 ? 6 : text[at] == '\\' ? 2 : 1;
        }
        return wantsLowSurrogate ? ("invalid_unicode", "There is half of a surrogate pair: send whole characters.") : null;
    }

    private static bool IsInRange(in Utf8JsonReader reader)
    {
        var digits = reader.ValueSpan;
        if (digits.Length > MaxNumberLength)
            return false;
        if (!digits.ContainsAny("eE"u8))
            return true;
        // What is so small that it becomes zero is out of range as well: numeric in PostgreSQL wouldn't hold it either.
        var significand = digits[..digits.IndexOfAny("eE"u8)];
        var isZero = !significand.ContainsAnyInRange((byte)'1', (byte)'9');
        return reader.TryGetDouble(out var value) && double.IsFinite(value) && (value != 0 || isZero);
    }
}
