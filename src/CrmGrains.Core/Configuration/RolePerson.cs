namespace CrmGrains.Core.Configuration;

/// <summary>One of several people who share a role.</summary>
public sealed record RolePerson
{
    /// <summary>The address of a user of the CRM.</summary>
    public required string Email { get; init; }

    /// <summary>So many new items at most in <see cref="Per"/>.</summary>
    public int Capacity { get; init; } = 20;

    /// <summary>The time that the capacity is for. It is freed by time, since nobody tells us of everything that people finish.</summary>
    public TimeSpan Per { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The first working hour of a day, 0 to 23.</summary>
    public int From { get; init; }

    /// <summary>The hour behind the last one, up to 24.</summary>
    public int To { get; init; } = 24;

    /// <summary>Working days.</summary>
    public IReadOnlyList<DayOfWeek> Days { get; init; } = [.. Enum.GetValues<DayOfWeek>()];

    /// <summary>Where hours and days are those of the clock on the wall.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>First and last days of absences.</summary>
    public IReadOnlyList<(DateOnly First, DateOnly Last)> Absent { get; init; } = [];

    /// <summary>Whether the person is there on that day at all.</summary>
    public bool IsPresent(DateTimeOffset now)
    {
        var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, TimeZone).DateTime);
        return !Absent.Any(absence => absence.First <= day && day <= absence.Last);
    }

    /// <summary>Whether the person works at that hour.</summary>
    public bool IsWorking(DateTimeOffset now)
    {
        var local = TimeZoneInfo.ConvertTime(now, TimeZone);
        return local.Hour >= From && local.Hour < To && Days.Contains(local.DayOfWeek);
    }
}
