using System.Globalization;
using System.Text.Json;
using CrmGrains.Sandbox.HubSpot.Answers;

namespace CrmGrains.Sandbox.HubSpot.Properties;

/// <summary>Which values a property takes, and how they are kept: always as text, dates in ISO 8601, emails in lower case.</summary>
internal static class PropertyRules
{
    private const int MaxTextLength = 65_536;

    /// <summary>Reads a value that a call sent.</summary>
    /// <param name="property">What the value is for.</param>
    /// <param name="sent">Text, a number, a boolean or null.</param>
    /// <param name="current">What the record has now; only a list that is appended to depends on it.</param>
    /// <param name="kept">What to keep; empty clears the property.</param>
    /// <returns><see langword="null"/> where the value is taken.</returns>
    public static PropertyProblem? Read(PropertyDefinition property, JsonElement sent, string? current, out string kept)
    {
        kept = "";
        if (property.ModificationMetadata.ReadOnlyValue)
            return Problem(property, "READ_ONLY_VALUE", $"\"{property.Name}\" is a read only property; its value cannot be set.");

        var text = sent.ValueKind switch
        {
            JsonValueKind.String => sent.GetString() ?? "",
            JsonValueKind.Number => sent.GetRawText(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Null or JsonValueKind.Undefined => "",
            _ => null,
        };
        if (text is null) return Problem(property, "INVALID_STRING", $"\"{property.Name}\" takes text, not an object or an array.");
        if (text.Length == 0) return null;

        kept = text;
        return property switch
        {
            { Name: "email" } => ReadEmail(property, text, out kept),
            { Type: "number" } => ReadNumber(property, text, out kept),
            { Type: "date" } => ReadDate(property, text, out kept),
            { Type: "datetime" } => ReadInstant(property, text, out kept),
            { Type: "enumeration", FieldType: "checkbox" } => ReadList(property, text, current, out kept),
            { Type: "enumeration", ExternalOptions: false } or { Type: "bool" } => CheckOption(property, text),
            _ when text.Length > MaxTextLength => Problem(property, "PROPERTY_VALUE_TOO_LONG",
                $"\"{property.Name}\" has {text.Length} characters; at most {MaxTextLength} are taken."),
            _ => null,
        };
    }

    public static PropertyProblem Problem(PropertyDefinition property, string code, string message) =>
        new(property.Name, code, message);

    /// <summary>An instant as HubSpot writes it, in UTC with milliseconds.</summary>
    public static string Format(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads ISO 8601 or milliseconds since 1970.</summary>
    public static bool TryParseInstant(string text, out DateTimeOffset instant)
    {
        const long maxMilliseconds = 253_402_300_799_999;  // the end of the year 9999
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
        {
            var isInRange = Math.Abs(milliseconds) <= maxMilliseconds && milliseconds >= -62_135_596_800_000;
            instant = isInRange ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : default;
            return isInRange;
        }

        return DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out instant)
            && text.Length >= 10 && text[4] == '-';
    }

    private static PropertyProblem? ReadEmail(PropertyDefinition property, string text, out string kept)
    {
        kept = text.Trim().ToLowerInvariant();
        return IsEmail(kept) ? null : Problem(property, "INVALID_EMAIL", $"Email address {text} is invalid");
    }

    private static bool IsEmail(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at < 1 || at > 64 || text.Length > 254) return false;
        var (local, labels) = (text[..at], text[(at + 1)..].Split('.'));
        return local.All(c => char.IsLetterOrDigit(c) || ".!#$%&'*+/=?^_`{|}~-".Contains(c, StringComparison.Ordinal))
            && labels.Length >= 2
            && labels.All(label => label.Length > 0 && label.All(c => char.IsLetterOrDigit(c) || c == '-'))
            && labels[^1].Length >= 2;
    }

    private static PropertyProblem? ReadNumber(PropertyDefinition property, string text, out string kept)
    {
        kept = text.Trim();
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return decimal.TryParse(kept, style, CultureInfo.InvariantCulture, out _)
            ? null
            : Problem(property, "INVALID_INTEGER", $"{text} was not a valid number.");
    }

    private static PropertyProblem? ReadDate(PropertyDefinition property, string text, out string kept)
    {
        var isDate = TryParseInstant(text, out var instant) && instant.TimeOfDay == TimeSpan.Zero;
        kept = isDate ? instant.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "";
        return isDate ? null : Problem(property, "INVALID_DATE", $"{text} was not a valid date, which is at midnight UTC.");
    }

    private static PropertyProblem? ReadInstant(PropertyDefinition property, string text, out string kept)
    {
        var isInstant = TryParseInstant(text, out var instant);
        kept = isInstant ? Format(instant) : "";
        return isInstant ? null : Problem(property, "INVALID_LONG", $"{text} was not a valid long.");
    }

    /// <summary>Values joined by semicolons replace the list; with a semicolon in front they are added to it.</summary>
    private static PropertyProblem? ReadList(PropertyDefinition property, string text, string? current, out string kept)
    {
        var isAppended = text[0] == ';' && current is not null;
        var values = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        kept = string.Join(';', (isAppended ? current?.Split(';') ?? [] : []).Concat(values).Distinct());
        return values.Select(value => CheckOption(property, value)).FirstOrDefault(problem => problem is not null);
    }

    private static PropertyProblem? CheckOption(PropertyDefinition property, string value) =>
        property.Options.Any(option => option.Value == value)
            ? null
            : Problem(property, "INVALID_OPTION",
                $"{value} was not one of the allowed options: [{string.Join(", ", property.Options.Select(o => o.Value))}]");
}
