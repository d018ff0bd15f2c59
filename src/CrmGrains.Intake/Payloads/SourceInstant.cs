using System.Globalization;

namespace CrmGrains.Intake.Payloads;

/// <summary>Instants as sources write them. Results are UTC in whole microseconds, which is what PostgreSQL keeps.</summary>
internal static class SourceInstant
{
    // Below this it is seconds, from here on milliseconds: as seconds the year 5138, as milliseconds March 1973.
    private const decimal FirstMilliseconds = 100_000_000_000m;

    private const int MaxTextLength = 40;
    private const int FractionDigits = 7;

    private static readonly string[] Formats =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd"];

    private const int MaxMailTextLength = 80;

    private static readonly string[] MailFormats = ["d MMM yyyy HH:mm:ss zzz", "d MMM yyyy HH:mm zzz"];

    /// <summary>ISO 8601: a date, or a date and a time with or without fraction. Without an offset it is taken for UTC.</summary>
    public static DateTimeOffset? FromIso(string text)
    {
        if (text.Length > MaxTextLength)
            return null;
        return DateTimeOffset.TryParseExact(
            WithoutExcessDigits(text.ToUpperInvariant()), Formats, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? InMicroseconds(instant)
            : null;
    }

    /// <summary>RFC 5322: <c>Mon, 21 Sep 2026 14:12:41 +0000</c>, also without the day of the week and with a comment behind it.</summary>
    public static DateTimeOffset? FromMail(string text)
    {
        if (text.Length > MaxMailTextLength)
            return null;
        var date = text.AsSpan(text.IndexOf(',', StringComparison.Ordinal) + 1);
        if (date.IndexOf('(') is >= 0 and var comment)
            date = date[..comment];
        date = date.Trim();
        // Only these zones have names that mean the same everywhere.
        foreach (var zone in (ReadOnlySpan<string>)["GMT", "UTC", "UT", "Z"])
        {
            if (date.EndsWith($" {zone}", StringComparison.OrdinalIgnoreCase))
                date = $"{date[..^zone.Length]}+0000";
        }

        return DateTimeOffset.TryParseExact(
            date, MailFormats, CultureInfo.InvariantCulture, DateTimeStyles.AllowInnerWhite | DateTimeStyles.AdjustToUniversal, out var instant)
            ? InMicroseconds(instant)
            : null;
    }

    /// <summary>Seconds or milliseconds since 1970, told apart by their size.</summary>
    public static DateTimeOffset? FromEpoch(decimal number)
    {
        var seconds = Math.Abs(number) >= FirstMilliseconds ? number / 1000 : number;
        // Beyond it there is no year with four digits.
        return seconds is >= -62_135_596_800m and < 253_402_300_800m
            ? InMicroseconds(DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond)))
            : null;
    }

    // Some clocks write nanoseconds, which no parser of ours reads.
    private static string WithoutExcessDigits(string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        if (point < 0)
            return text;
        var end = point + 1;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return end - point - 1 <= FractionDigits ? text : text[..(point + 1 + FractionDigits)] + text[end..];
    }

    private static DateTimeOffset InMicroseconds(DateTimeOffset instant) =>
        instant.AddTicks(-(instant.Ticks % TimeSpan.TicksPerMicrosecond));
}
