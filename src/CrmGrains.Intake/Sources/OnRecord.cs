using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// Reads what a vendor has on record about somebody. Nobody is there to send it again, and the change that is told is true all the same: what
/// is no address or number is left out, and what is too long is cut.
/// </summary>
internal static class OnRecord
{
    /// <summary>The first of the addresses at some paths that is one, normalized.</summary>
    public static string? Email(Reading reading, params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (EmailAddress.TryNormalize(Line(reading.Payload, path), out _))
                return reading.Facts.Email(path, isRequired: false);
        }

        return null;
    }

    /// <summary>The first of the numbers at some paths that is one, in E.164.</summary>
    public static string? Phone(Reading reading, params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (PhoneNumber.TryNormalize(Line(reading.Payload, path), out _))
                return reading.Facts.Phone(path);
        }

        return null;
    }

    /// <summary>A name in one field, or in two for its parts.</summary>
    public static string? Name(PayloadReader payload, string wholePath, string firstPath, string lastPath) =>
        Line(payload, wholePath) ?? Cut($"{Line(payload, firstPath)} {Line(payload, lastPath)}".Trim(), FactReader.MaxNameLength);

    /// <summary>One line of text.</summary>
    public static string? Line(PayloadReader payload, string path, int maxLength = FactReader.MaxNameLength) =>
        IsText(payload, path) ? Cut(payload.Line(path, int.MaxValue), maxLength) : null;

    /// <summary>Text of several lines.</summary>
    public static string? Lines(PayloadReader payload, string path, int maxLength = FactReader.MaxPainLength) =>
        IsText(payload, path) ? Cut(payload.Lines(path, int.MaxValue), maxLength) : null;

    /// <summary>An amount of money that is not negative.</summary>
    public static decimal? Amount(PayloadReader payload, string path) =>
        payload.Find(path) is { ValueKind: JsonValueKind.Number } value && value.TryGetDecimal(out var amount) && amount >= 0 ? amount : null;

    /// <summary>A currency's code of three letters, in upper case.</summary>
    public static string? Currency(PayloadReader payload, string path) =>
        Line(payload, path)?.ToUpperInvariant() is { Length: 3 } code && code.All(char.IsAsciiLetterUpper) ? code : null;

    /// <summary>The ids that one system has for somebody; null where there is none.</summary>
    public static IReadOnlyDictionary<string, string>? Ids(string system, string? id) =>
        id is null ? null : new Dictionary<string, string> { [system] = id };

    private static bool IsText(PayloadReader payload, string path) =>
        payload.Find(path)?.ValueKind is JsonValueKind.String or JsonValueKind.Number;

    // Never within a character.
    private static string? Cut(string? text, int maxLength) => string.IsNullOrEmpty(text) ? null
        : text.Length <= maxLength ? text
        : text[..(char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];
}
