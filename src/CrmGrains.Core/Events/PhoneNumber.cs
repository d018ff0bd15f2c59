using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace CrmGrains.Core.Events;

/// <summary>
/// Phone numbers as people type them, in the one form that identity is matched by: E.164, for example <c>+15551234567</c>.
/// </summary>
public static class PhoneNumber
{
    // E.164 allows 15 digits; fewer than 8 with the calling code is no number of any plan that people write down.
    private const int MinDigits = 8;
    private const int MaxDigits = 15;

    // Room for all the punctuation that people put in between.
    private const int MaxLength = 64;

    /// <summary>
    /// A plus and digits only. The number must name its country, by <c>+</c> or <c>00</c>; without it, it could be anybody's.
    /// </summary>
    public static bool TryNormalize(string? text, [NotNullWhen(true)] out string? number)
    {
        number = null;
        var trimmed = (text ?? "").Trim();
        if (trimmed.Length is 0 or > MaxLength)
            return false;
        if (trimmed.StartsWith("tel:", StringComparison.OrdinalIgnoreCase))
            trimmed = trimmed[4..];

        // The zero of +44 (0)20 is dialled inside the country only.
        var dialled = string.Concat(trimmed.Replace("(0)", "", StringComparison.Ordinal).Where(letter => !IsPunctuation(letter)));
        if (dialled.StartsWith("00", StringComparison.Ordinal))
            dialled = $"+{dialled[2..]}";
        if (dialled is not ['+', .. var digits] || digits.Length is < MinDigits or > MaxDigits || !digits.All(char.IsAsciiDigit)
            || CallingCodeLength(digits) is not { } codeLength)
        {
            return false;
        }
        // North America's numbers all have the same length, and a missing digit there is the commonest slip.
        if (digits[0] == '1' && digits.Length != codeLength + 10)
            return false;
        number = dialled;
        return true;
    }

    private static bool IsPunctuation(char letter) =>
        char.IsWhiteSpace(letter) || letter is '-' or '.' or '(' or ')' or '/' or '[' or ']' or (>= '\u2010' and <= '\u2015') or '\u2212'
            or '\u200B' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or '\u2060' or '\uFEFF';

    // No calling code begins with another one, so the first that is known is the one.
    private static int? CallingCodeLength(string digits)
    {
        for (var length = 1; length <= 3; length++)
        {
            if (CallingCodes.Contains(digits[..length]))
                return length;
        }
        return null;
    }

    /// <summary>The codes that the ITU has assigned (list of E.164 country codes), to countries and to global services.</summary>
    private static readonly FrozenSet<string> CallingCodes = (
        "1 7 "
        + "20 27 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 "
        + "244 245 246 247 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299 "
        + "30 31 32 33 34 36 39 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 379 380 381 382 383 385 386 "
        + "387 389 "
        + "40 41 43 44 45 46 47 48 49 420 421 423 "
        + "51 52 53 54 55 56 57 58 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599 "
        + "60 61 62 63 64 65 66 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 "
        + "81 82 84 86 800 808 850 852 853 855 856 870 878 880 881 882 883 886 888 "
        + "90 91 92 93 94 95 98 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 977 979 992 993 994 995 996 998")
        .Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
