using System.Globalization;
using System.Text.Json;

namespace CrmGrains.Intake.Payloads;

/// <summary>Reads a payload's numbers, amounts and flags, also where they are sent as texts.</summary>
internal static class PayloadNumbers
{
    /// <summary>Yes or no, also in the words that forms send.</summary>
    public static bool? Flag(this PayloadReader payload, string? path)
    {
        var value = payload.Find(path);
        if (value?.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return payload.Noted(path, "flag", (bool?)value.Value.GetBoolean());
        var text = CleanText.OneLine(payload.Scalar(path))?.ToLowerInvariant();
        bool? flag = text switch
        {
            "true" or "yes" or "on" or "1" => true,
            "false" or "no" or "off" or "0" => false,
            _ => null,
        };
        if (text is not null && flag is null && path is not null)
            payload.Add(path, "flag_invalid", "It is neither yes nor no: send true or false.");
        return payload.Noted(path, "flag from a word", flag);
    }

    /// <summary>An exact number, also where it is sent as text.</summary>
    public static decimal? Number(this PayloadReader payload, string? path)
    {
        var text = CleanText.OneLine(payload.Scalar(path));
        if (text is null || path is null)
            return null;
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return payload.Noted(path, "number", (decimal?)number);
        payload.Add(path, "number_invalid", "It is no number: send digits with a point before the fraction.");
        return null;
    }

    /// <summary>A whole number that is not negative.</summary>
    public static int? Count(this PayloadReader payload, string? path)
    {
        var number = payload.Number(path);
        if (number is not { } value || path is null)
            return null;
        if (value is >= 0 and <= int.MaxValue && value == decimal.Truncate(value))
            return (int)value;
        payload.Add(path, "number_invalid", "It is no whole number from zero on: send one.");
        return null;
    }

    /// <summary>An amount of money that is not negative.</summary>
    public static decimal? Amount(this PayloadReader payload, string? path)
    {
        var amount = payload.Number(path);
        if (amount is null or >= 0 || path is null)
            return amount;
        payload.Add(path, "number_invalid", "It is below zero: send an amount from zero on.");
        return null;
    }

    /// <summary>A currency's code of three letters, in upper case.</summary>
    public static string? Currency(this PayloadReader payload, string? path)
    {
        var code = payload.Line(path, maxLength: 10)?.ToUpperInvariant();
        if (code is null || path is null || (code.Length == 3 && code.All(char.IsAsciiLetterUpper)))
            return payload.Noted(path, "currency, upper-cased", code);
        payload.Add(path, "currency_invalid", "It is no currency's code: send three letters, for example EUR.");
        return null;
    }
}
