namespace CrmGrains.Core.Sequences;

/// <summary>The time of day in which nobody is written to, by the clock on a wall somewhere.</summary>
/// <param name="From">When it begins; later than <paramref name="To"/> where it goes over midnight.</param>
/// <param name="To">When it ends; the same as <paramref name="From"/>: never quiet.</param>
/// <param name="QuietDays">Days that are quiet as a whole.</param>
/// <param name="Zone">Whose clock.</param>
public sealed record QuietHours(TimeOnly From, TimeOnly To, IReadOnlyList<DayOfWeek> QuietDays, TimeZoneInfo Zone)
{
    // A week of quiet days and a clock change: more steps than there can be.
    private const int MostSteps = 20;

    /// <summary>The first instant from <paramref name="at"/> on that isn't quiet; the same where it isn't.</summary>
    /// <param name="at">UTC.</param>
    /// <returns>UTC; a configuration in which every day is quiet can't be read, so there always is one.</returns>
    public DateTimeOffset Next(DateTimeOffset at)
    {
        for (var step = 0; step < MostSteps; step++)
        {
            var local = TimeZoneInfo.ConvertTime(at, Zone);
            if (EndOf(local) is not { } end)
                return at;
            at = Instant(end);
        }

        return at;
    }

    // When the quiet that this moment is in ends, by the clock on the wall; null where it isn't quiet.
    private DateTime? EndOf(DateTimeOffset local)
    {
        var time = TimeOnly.FromDateTime(local.DateTime);
        if (QuietDays.Contains(local.DayOfWeek))
            return local.Date.AddDays(1);
        if (From == To || !time.IsBetween(From, To))
            return null;
        var ends = local.Date + To.ToTimeSpan();
        return From > To && time >= From ? ends.AddDays(1) : ends;
    }

    // A time that the clock skips is taken as the moment after the skip.
    private DateTimeOffset Instant(DateTime wall)
    {
        while (Zone.IsInvalidTime(wall))
            wall = wall.AddMinutes(1);
        return new DateTimeOffset(wall, Zone.GetUtcOffset(wall)).ToUniversalTime();
    }
}
