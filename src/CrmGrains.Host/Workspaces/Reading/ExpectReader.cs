using System.Globalization;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads a source's <c>expect</c>: how often it sends at least.</summary>
internal static class ExpectReader
{
    private static readonly TimeSpan LeastEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MostEvery = TimeSpan.FromDays(365);
    private static readonly TimeSpan LeastPer = TimeSpan.FromHours(1);
    private static readonly TimeSpan MostPer = TimeSpan.FromDays(7);

    private static readonly string[] Days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    public static ExpectedRhythm? Read(Value value)
    {
        var section = value.Section([], ["every", "at_least", "per", "between", "days", "time_zone"]);
        if (section["every"] is { } every)
        {
            foreach (var key in (string[])["at_least", "per", "between", "days", "time_zone"])
                section[key]?.Fault("`every` stands alone. Leave this out, or use `at_least` and `per` instead.");
            return every.Duration(LeastEvery, MostEvery) is { } time ? new ExpectedRhythm.Every(time) : null;
        }

        if (section["at_least"] is not { } atLeast || section["per"] is not { } per)
            return value.Wrong<ExpectedRhythm>("needs either `every`, or `at_least` and `per`");
        var (from, to) = section["between"] is { } between ? Between(between) ?? (0, 24) : (0, 24);
        var (count, length) = (atLeast.Whole(1, 1_000_000), Hours(per));
        var days = section["days"] is { } list ? DaysOf(list) : [.. Enumerable.Range(0, 7).Select(DayOf)];
        var zone = section["time_zone"] is { } name ? Zone(name) : TimeZoneInfo.Utc;
        return count is null || length is null || days is null || zone is null
            ? null
            : new ExpectedRhythm.AtLeast(count.Value, length.Value, from, to, days, zone);
    }

    private static TimeSpan? Hours(Value value) => value.Duration(LeastPer, MostPer) is not { } length ? null
        : length.Ticks % TimeSpan.TicksPerHour == 0 ? length
        : value.Wrong<TimeSpan?>("must be whole hours, for example 1d");

    internal static (int From, int To)? Between(Value value)
    {
        if (value.Line() is not { } text)
            return null;
        var ends = text.Split('-').Select(Hour).ToList();
        return ends is [{ } from, { } to] && from < to
            ? (from, to)
            : value.Wrong<(int, int)?>("must be two full hours of a day such as \"08:00-18:00\", the earlier first");
    }

    private static int? Hour(string text) =>
        text.Trim() is [_, _, ':', '0', '0'] hour && int.TryParse(hour[..2], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 24
            ? number
            : null;

    // `mon-fri`, or days with commas between them.
    internal static List<DayOfWeek>? DaysOf(Value value)
    {
        if (value.Line() is not { } text)
            return null;
        var days = new List<DayOfWeek>();
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-').Select(day => Array.IndexOf(Days, day.Trim())).ToList();
            if (ends.Count > 2 || ends.Contains(-1) || ends[0] > ends[^1])
                return value.Wrong<List<DayOfWeek>>("must be days such as `mon-fri` or `mon, wed, sat`");
            days.AddRange(Enumerable.Range(ends[0], ends[^1] - ends[0] + 1).Select(DayOf));
        }

        return [.. days.Distinct()];
    }

    private static DayOfWeek DayOf(int fromMonday) => (DayOfWeek)((fromMonday + 1) % 7);

    internal static TimeZoneInfo? Zone(Value value) => value.Line() is not { } name ? null
        : TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone
        : value.Wrong<TimeZoneInfo>($"names the time zone `{Value.Clipped(name)}`, which this system doesn't know. Use one such as Europe/Berlin");
}
