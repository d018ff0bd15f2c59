namespace CrmGrains.Core.Configuration;

/// <summary>How often deliveries of a source are expected at least. A closed set.</summary>
public abstract record ExpectedRhythm
{
    private ExpectedRhythm() { }

    /// <summary>One within each such time.</summary>
    public sealed record Every(TimeSpan Time) : ExpectedRhythm;

    /// <summary>A number within a time, of which only the hours count in which they are expected.</summary>
    /// <param name="Count">So many at least.</param>
    /// <param name="Per">Whole hours, a week at most.</param>
    /// <param name="From">The first hour of a day, 0 to 23.</param>
    /// <param name="To">The hour behind the last one, up to 24.</param>
    /// <param name="Days">The days that count.</param>
    /// <param name="TimeZone">Where hours and days are those of the clock on the wall.</param>
    public sealed record AtLeast(int Count, TimeSpan Per, int From, int To, IReadOnlyList<DayOfWeek> Days, TimeZoneInfo TimeZone) : ExpectedRhythm
    {
        /// <summary>Whether deliveries are expected in the hour that begins then.</summary>
        public bool IsOpen(DateTimeOffset hour)
        {
            var local = TimeZoneInfo.ConvertTime(hour, TimeZone);
            return local.Hour >= From && local.Hour < To && Days.Contains(local.DayOfWeek);
        }
    }
}
