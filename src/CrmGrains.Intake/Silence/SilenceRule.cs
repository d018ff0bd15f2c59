using System.Globalization;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Intake.Silence;

/// <summary>Whether a source is silent beyond what is expected of it. Pure.</summary>
internal static class SilenceRule
{
    // With arrivals at random, a time in which twelve are usual passes without any once in 160,000 times. Sources that send in bursts are
    // given twice the longest quiet that they had.
    private const double LeastExpected = 12;
    private const double QuietFactor = 2;

    // A source that sends less than one a day is silent more often than not.
    private const double LeastWeekly = 7;

    private static readonly TimeSpan LeastSilence = TimeSpan.FromHours(1);

    /// <summary>What is wrong, for a person; null: nothing is.</summary>
    public static string? Fault(Rhythm rhythm, DateTimeOffset lastAt, SourceConfiguration source, DateTimeOffset now) => source.Expect switch
    {
        ExpectedRhythm.Every every => now - lastAt > every.Time ? $"expected is one every {Text(every.Time)}" : null,
        ExpectedRhythm.AtLeast atLeast => IsTooFew(rhythm, atLeast, now)
            ? string.Create(CultureInfo.InvariantCulture, $"expected are {atLeast.Count} per {Text(atLeast.Per)}")
            : null,
        _ => OfUsual(rhythm, lastAt, now),
    };

    private static string? OfUsual(Rhythm rhythm, DateTimeOffset lastAt, DateTimeOffset now)
    {
        if (rhythm.Learned < Rhythm.HoursOfWeek || rhythm.Weekly < LeastWeekly || now - lastAt < LeastSilence)
            return null;
        var expected = rhythm.Expected(lastAt, now);
        return expected >= Math.Max(LeastExpected, QuietFactor * rhythm.LongestQuiet)
            ? string.Create(CultureInfo.InvariantCulture, $"about {expected:0} would be usual since then")
            : null;
    }

    // Asked where the time that just ended holds all the hours that such a time can have: on a Monday morning Friday's hours are too long ago
    // and Monday's aren't over.
    private static bool IsTooFew(Rhythm rhythm, ExpectedRhythm.AtLeast expected, DateTimeOffset now)
    {
        var (hours, end) = ((int)expected.Per.TotalHours, Rhythm.HourOf(now));
        if (rhythm.Since > now - expected.Per)
            return false;

        // The hours of two weeks, the last one being the last that is over.
        var isOpen = Enumerable.Range(0, 2 * Rhythm.HoursOfWeek)
            .Select(back => expected.IsOpen(Rhythm.StartOf(end - 1 - back))).ToArray();
        var most = Enumerable.Range(0, Rhythm.HoursOfWeek).Max(back => isOpen.AsSpan(back, hours).Count(true));
        if (most == 0 || isOpen.AsSpan(0, hours).Count(true) < most)
            return false;
        var came = Enumerable.Range(0, hours).Where(back => isOpen[back]).Sum(back => rhythm.CountOf(end - 1 - back)) + rhythm.CountOf(end);
        return came < expected.Count;
    }

    private static string Text(TimeSpan time) => time.Ticks % TimeSpan.TicksPerDay == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0} d")
        : time.Ticks % TimeSpan.TicksPerHour == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0} h")
            : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} min");
}
