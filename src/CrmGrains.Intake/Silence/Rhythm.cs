using System.Text.Json.Serialization;

namespace CrmGrains.Intake.Silence;

/// <summary>
/// When deliveries of a source come: how many in each hour of the week, a moving average over the last weeks; and those of each hour of
/// the last week. Of a fixed size. Pure.
/// </summary>
internal sealed record Rhythm
{
    public const int HoursOfWeek = 168;

    // Three weeks weigh about as much as all before them.
    private const double Newest = 0.3;

    // The longest quiet is half forgotten after four weeks.
    private const double Fading = 0.999;

    private const int MostWeeks = 8;

    /// <summary>Usual deliveries, by hour of the week.</summary>
    public double[] Rates { get; init; } = new double[HoursOfWeek];

    /// <summary>Deliveries of the last week, each hour at its place in the week.</summary>
    public long[] Recent { get; init; } = new long[HoursOfWeek];

    /// <summary>The hour that isn't over, counted from 1970; UTC.</summary>
    public long Hour { get; init; }

    /// <summary>How many hours were learned.</summary>
    public long Learned { get; init; }

    /// <summary>The most deliveries that were usual in a time in which none came, apart from silences that were told.</summary>
    public double LongestQuiet { get; init; }

    /// <summary>UTC; from when on it was watched.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>How many deliveries a week are usual.</summary>
    [JsonIgnore]
    public double Weekly => Rates.Sum();

    public static Rhythm From(DateTimeOffset now) => new() { Hour = HourOf(now), Since = now };

    public static long HourOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / 3600;

    public static DateTimeOffset StartOf(long hour) => DateTimeOffset.FromUnixTimeSeconds(hour * 3600);

    /// <summary>The rhythm with arrivals added to it.</summary>
    /// <param name="arrivals">What came.</param>
    /// <param name="lastAt">When the last one before them came.</param>
    /// <param name="wasSilent">Whether the silence before them was told: what is a fault isn't learned.</param>
    public Rhythm With(Arrivals arrivals, DateTimeOffset lastAt, bool wasSilent)
    {
        var next = this with { Rates = [.. Rates], Recent = [.. Recent] };
        if (wasSilent)
            next = next.Skip(HourOf(arrivals.First));
        else
            next = next with { LongestQuiet = Math.Max(LongestQuiet, Expected(lastAt, arrivals.First)) };
        foreach (var (hour, count) in arrivals.ByHour.OrderBy(pair => pair.Key))
        {
            next = next.Until(hour);
            if (hour > next.Hour - HoursOfWeek)
                next.Recent[PlaceOf(hour)] += count;
        }

        return next;
    }

    /// <summary>How many deliveries are usual between two instants.</summary>
    public double Expected(DateTimeOffset from, DateTimeOffset to)
    {
        var weeks = Math.Clamp((long)((to - from).TotalHours / HoursOfWeek), 0, MostWeeks);
        var expected = weeks * Weekly;
        // Beyond those weeks it makes no difference how many there are; the rest is less than a week.
        var at = weeks == MostWeeks ? to : from.AddHours(weeks * HoursOfWeek);
        while (at < to)
        {
            var next = StartOf(HourOf(at) + 1);
            expected += Rates[PlaceOf(HourOf(at))] * ((next < to ? next : to) - at).TotalHours;
            at = next;
        }

        return expected;
    }

    /// <summary>Deliveries in an hour of the last week; 0 where it is longer ago.</summary>
    public long CountOf(long hour) => hour > Hour || hour <= Hour - HoursOfWeek ? 0 : Recent[PlaceOf(hour)];

    // Nothing is learned of the hours between; what came in them a week before is no longer recent.
    private Rhythm Skip(long hour)
    {
        for (var at = Math.Max(Hour + 1, hour - HoursOfWeek); at <= hour; at++)
            Recent[PlaceOf(at)] = 0;
        return this with { Hour = Math.Max(Hour, hour) };
    }

    private Rhythm Until(long hour)
    {
        var (at, learned, quiet) = (Hour, Learned, LongestQuiet);
        if (hour - at > MostWeeks * HoursOfWeek)
            at = hour - (MostWeeks * HoursOfWeek);
        for (; at < hour; at++)
        {
            var place = PlaceOf(at);
            Rates[place] = learned < HoursOfWeek ? Recent[place] : Rates[place] + (Newest * (Recent[place] - Rates[place]));
            Recent[PlaceOf(at + 1)] = 0;
            learned++;
            quiet *= Fading;
        }

        return this with { Hour = Math.Max(Hour, hour), Learned = learned, LongestQuiet = quiet };
    }

    private static int PlaceOf(long hour) => (int)(hour % HoursOfWeek);
}

/// <summary>Deliveries that came since the last time.</summary>
internal sealed record Arrivals(DateTimeOffset First, DateTimeOffset Last, IReadOnlyDictionary<long, long> ByHour)
{
    public static Arrivals At(params IReadOnlyCollection<DateTimeOffset> instants) => new(
        instants.Min(), instants.Max(), instants.GroupBy(Rhythm.HourOf).ToDictionary(hour => hour.Key, hour => hour.LongCount()));

    public Arrivals And(Arrivals other) => new(
        First < other.First ? First : other.First,
        Last > other.Last ? Last : other.Last,
        ByHour.Concat(other.ByHour).GroupBy(pair => pair.Key).ToDictionary(hour => hour.Key, hour => hour.Sum(pair => pair.Value)));
}
