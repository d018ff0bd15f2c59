using System.Globalization;
using CrmGrains.Core.Events;

namespace CrmGrains.Core.Contract;

/// <summary>What texts of each kind must be. The JSON Schema documents say the same in patterns, and never more.</summary>
internal static class TextRules
{
    /// <summary>The code of a text's fault; null where it has none. An empty text is for the caller to judge.</summary>
    public static string? FaultOf(FieldSchema field, ReadOnlySpan<char> text)
    {
        if (FaultOf(field.Kind, text, field.MaxLength) is { } code)
            return code;
        if (field.Kind == FieldKind.Word && !IsOneOf(field.Words, text))
            return "word_unknown";
        return field.IsNormalized && !EmailAddress.IsNormal(text) ? "email_invalid" : null;
    }

    /// <summary>The code of a text's fault, without the words that a field has.</summary>
    public static string? FaultOf(FieldKind kind, ReadOnlySpan<char> text, int maxLength) =>
        text.Length > maxLength ? "too_long"
        : ControlFaultOf(text, kind == FieldKind.Lines) ?? kind switch
        {
            FieldKind.Email when !IsAddress(text) => "email_invalid",
            FieldKind.Phone when !PhoneNumber.IsNormal(text) => "phone_invalid",
            FieldKind.Url when !IsUrl(text) => "url_invalid",
            FieldKind.Instant when !IsInstant(text) => "instant_invalid",
            FieldKind.Currency when text.Length != 3 || text.ContainsAnyExceptInRange('A', 'Z') => "currency_invalid",
            _ => null,
        };

    private static string? ControlFaultOf(ReadOnlySpan<char> text, bool hasLines)
    {
        // Most texts have neither.
        if (!text.ContainsAnyInRange('\0', '\u001F') && !text.ContainsAnyInRange('\u007F', '\u009F') && !text.ContainsAnyInRange('\uD800', '\uDFFF'))
            return null;
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (letter is < ' ' or (>= '\u007F' and <= '\u009F') && !(hasLines && letter is '\n' or '\r' or '\t'))
                return "control_character";
            if (!char.IsSurrogate(letter))
                continue;
            if (!char.IsHighSurrogate(letter) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
                return "invalid_unicode";
            i++;
        }

        return null;
    }

    // As it was written: what stands before the @ is for the mail system to judge.
    private static bool IsAddress(ReadOnlySpan<char> text) => text.LastIndexOf('@') is > 0 and var at && at < text.Length - 1;

    private static bool IsUrl(ReadOnlySpan<char> text)
    {
        var scheme = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8
            : text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7 : 0;
        if (scheme == 0 || scheme == text.Length)
            return false;
        foreach (var letter in text)
        {
            if (char.IsWhiteSpace(letter))
                return false;
        }

        return true;
    }

    // A date and a time to the second, a fraction or none, Z or an offset; then whether the calendar has it.
    private static bool IsInstant(ReadOnlySpan<char> text)
    {
        const string Shape = "0000-00-00T00:00:00";
        if (text.Length <= Shape.Length || !HasShape(text[..Shape.Length], Shape))
            return false;
        var rest = text[Shape.Length..];
        if (rest[0] == '.')
        {
            var digits = rest[1..].IndexOfAnyExceptInRange('0', '9');
            if (digits < 1)
                return false;
            rest = rest[(digits + 1)..];
        }

        var isOffset = rest is "Z" || HasShape(rest, "+00:00") || HasShape(rest, "-00:00");
        // Whole seconds say whether the calendar has it, whatever the number of digits of the fraction is.
        return isOffset && DateTime.TryParseExact(text[..Shape.Length], "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            && (rest is "Z" || (int.Parse(rest[1..3], CultureInfo.InvariantCulture) <= 14 && rest[4] <= '5'));
    }

    private static bool HasShape(ReadOnlySpan<char> text, string shape)
    {
        if (text.Length != shape.Length)
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            if (shape[i] == '0' ? !char.IsAsciiDigit(text[i]) : text[i] != shape[i])
                return false;
        }

        return true;
    }

    private static bool IsOneOf(IReadOnlyList<string> words, ReadOnlySpan<char> text)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (text.SequenceEqual(words[i]))
                return true;
        }

        return false;
    }
}
