using System.Globalization;

namespace CrmGrains.Intake.Payloads;

/// <summary>Reads when something happened, or will.</summary>
internal static class PayloadInstants
{
    // A clock that is further ahead than the widest time zone is wrong, and would win over every later change of a field.
    private static readonly TimeSpan AtMostAhead = TimeSpan.FromDays(1);
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const NumberStyles Epoch = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign;

    /// <summary>When something happened; see <see cref="Instant"/>.</summary>
    public static DateTimeOffset? Happened(this PayloadReader payload, string? path, bool orEpoch)
    {
        var instant = payload.Instant(path, orEpoch);
        if (instant <= payload.ReceivedAt + AtMostAhead || instant is null || path is null)
            return instant;
        payload.Add(path, "instant_in_future", "It is more than a day ahead: set the sender's clock.");
        return null;
    }

    /// <summary>An instant in ISO 8601 or as mails write it, UTC where it has no offset; also one that is still to come.</summary>
    /// <param name="orEpoch">Whether it may be in seconds or milliseconds since 1970 as well.</param>
    public static DateTimeOffset? Instant(this PayloadReader payload, string? path, bool orEpoch)
    {
        var text = CleanText.OneLine(payload.Scalar(path));
        if (text is null || path is null)
            return null;
        var epoch = 0m;
        var isEpoch = orEpoch && decimal.TryParse(text, Epoch, CultureInfo.InvariantCulture, out epoch);
        var instant = isEpoch ? SourceInstant.FromEpoch(epoch) : SourceInstant.FromIso(text) ?? SourceInstant.FromMail(text);
        if (instant is null)
            payload.Add(path, "instant_invalid", "It is no instant that we read: send ISO 8601, for example 2026-04-26T18:11:42Z.");
        else if (instant < Earliest)
            payload.Add(path, "instant_too_old", "It is before the year 2000: check the unit.");
        else
            return payload.Noted(path, isEpoch ? "instant from seconds or milliseconds since 1970" : "instant from ISO 8601, in UTC", instant);
        return null;
    }
}
