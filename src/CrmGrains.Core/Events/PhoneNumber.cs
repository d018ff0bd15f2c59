using System.Diagnostics.CodeAnalysis;

namespace CrmGrains.Core.Events;

/// <summary>
/// A phone number as a person typed it, in the one form that identity is matched by: E.164, for example <c>+15551234567</c>.
/// </summary>
/// <param name="Number">A plus and digits only.</param>
/// <param name="Extension">What is dialled once the number answered; digits only, null where there is none.</param>
/// <param name="IsNational">Whether it was written without its country, and the default one was taken.</param>
public readonly record struct PhoneNumber(string Number, string? Extension, bool IsNational)
{
    // E.164 allows 15 digits.
    private const int MaxDigits = 15;
    private const int MaxExtensionDigits = 11;

    // Room for all the punctuation that people put in between, and for an extension.
    private const int MaxLength = 64;

    // The longer ones first: each is looked for where the one before isn't there.
    private static readonly string[] ExtensionMarks = [";ext=", "extension", "extn", "ext", "x", "#"];

    /// <summary>
    /// A plus and digits only. The number must name its country, by <c>+</c> or <c>00</c>; without it, it could be anybody's. An extension
    /// is left out.
    /// </summary>
    public static bool TryNormalize(string? text, [NotNullWhen(true)] out string? number)
    {
        number = TryRead(text, null, out var read) ? read.Number : null;
        return number is not null;
    }

    /// <summary>Reads a number of any country, and one without its country where a default is given.</summary>
    /// <param name="text">As it was typed.</param>
    /// <param name="country">Whose number it is where it doesn't say; ISO 3166-1, two letters. Null: such a number is none.</param>
    /// <param name="number">What was read.</param>
    public static bool TryRead(string? text, string? country, out PhoneNumber number)
    {
        number = default;
        var trimmed = (text ?? "").Trim();
        if (trimmed.Length is 0 or > MaxLength)
            return false;
        if (trimmed.StartsWith("tel:", StringComparison.OrdinalIgnoreCase))
            trimmed = trimmed[4..];
        if (!TrySplit(trimmed, out var main, out var extension))
            return false;

        // The zero of +44 (0)20 is dialled inside the country only.
        var dialled = string.Concat(main.Replace("(0)", "", StringComparison.Ordinal).Where(letter => !IsPunctuation(letter)));
        var home = DialingCountry.Find(country);
        if (International(dialled, home) is { } digits && Checked(digits) is { } full)
            number = new(full, extension, IsNational: false);
        else if (home is not null && National(dialled, home) is { } national)
            number = new(national, extension, IsNational: true);
        return number.Number is not null;
    }

    /// <summary>Whether it is a number in E.164 of a known plan.</summary>
    public static bool IsNormal(ReadOnlySpan<char> text) =>
        text is ['+', .. var digits] && digits.Length <= MaxDigits && !digits.ContainsAnyExceptInRange('0', '9')
        && NumberingPlan.Of(digits) is { } plan && plan.Has(digits.Length - plan.Code.Length) && !HasTrunkZero(digits, plan);

    // Null where it doesn't say its country.
    private static string? International(string dialled, DialingCountry? home) =>
        dialled.StartsWith('+') ? dialled[1..]
        : home is not null && home.Exit != "00" && dialled.StartsWith(home.Exit, StringComparison.Ordinal) ? dialled[home.Exit.Length..]
        : dialled.StartsWith("00", StringComparison.Ordinal) ? dialled[2..]
        : null;

    private static string? Checked(string digits)
    {
        if (NumberingPlan.Of(digits) is not { } plan)
            return null;
        // Also +44 020 is written by people who know the number from inside the country.
        var number = HasTrunkZero(digits, plan) ? $"+{plan.Code}{digits.AsSpan(plan.Code.Length + 1)}" : $"+{digits}";
        return IsNormal(number) ? number : null;
    }

    private static string? National(string dialled, DialingCountry home)
    {
        var isTrunkDialled = home.Trunk.Length > 0 && dialled.StartsWith(home.Trunk, StringComparison.Ordinal);
        if (isTrunkDialled && $"+{home.CallingCode}{dialled.AsSpan(home.Trunk.Length)}" is var without && IsNormal(without))
            return without;
        return $"+{home.CallingCode}{dialled}" is var whole && IsNormal(whole) ? whole : null;
    }

    private static bool HasTrunkZero(ReadOnlySpan<char> digits, NumberingPlan plan) =>
        digits.Length > plan.Code.Length && digits[plan.Code.Length] == '0' && DialingCountry.HasTrunkZero(plan.Code);

    // False where something that isn't an extension stands after its mark.
    private static bool TrySplit(string text, out string main, out string? extension)
    {
        (main, extension) = (text, null);
        foreach (var mark in ExtensionMarks)
        {
            var at = text.IndexOf(mark, StringComparison.OrdinalIgnoreCase);
            if (at < 0)
                continue;
            main = text[..at];
            extension = text[(at + mark.Length)..].Trim(' ', '.', ':', '=', '\u00A0');
            return extension.Length is > 0 and <= MaxExtensionDigits && extension.All(char.IsAsciiDigit);
        }

        return true;
    }

    private static bool IsPunctuation(char letter) =>
        char.IsWhiteSpace(letter) || letter is '-' or '.' or '(' or ')' or '/' or '[' or ']' or (>= '\u2010' and <= '\u2015') or '\u2212'
            or '\u200B' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or '\u2060' or '\uFEFF';
}
