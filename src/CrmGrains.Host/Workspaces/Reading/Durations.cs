using System.Globalization;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Durations as people write them: a whole number and <c>s</c>, <c>m</c>, <c>h</c>, <c>d</c> or <c>y</c> (365 days).</summary>
internal static class Durations
{
    private static readonly (char Unit, TimeSpan Length)[] Units =
        [('y', TimeSpan.FromDays(365)), ('d', TimeSpan.FromDays(1)), ('h', TimeSpan.FromHours(1)), ('m', TimeSpan.FromMinutes(1)), ('s', TimeSpan.FromSeconds(1))];

    /// <returns>Null where the text is no duration.</returns>
    public static TimeSpan? Parse(string text)
    {
        if (text.Length < 2 || !int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return null;
        foreach (var (unit, length) in Units)
        {
            // No more than a century: nothing here lasts longer, and nothing overflows.
            if (text[^1] == unit)
                return count * length.TotalDays > 36_525 ? null : count * length;
        }

        return null;
    }

    /// <summary>In the largest unit that it is a whole number of.</summary>
    public static string Write(TimeSpan duration)
    {
        var (unit, length) = Units.First(each => duration.Ticks % each.Length.Ticks == 0 || each.Unit == 's');
        return $"{duration.Ticks / length.Ticks}{unit}";
    }
}
