using CrmGrains.Core.Sequences;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Sequences;

public sealed class QuietHoursTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    private static readonly QuietHours Nights = new(new TimeOnly(20, 0), new TimeOnly(8, 0), [DayOfWeek.Saturday, DayOfWeek.Sunday], Berlin);

    [Theory]
    [InlineData("2026-11-18T12:00:00Z", "2026-11-18T12:00:00Z")] // a Wednesday at noon
    [InlineData("2026-11-18T19:00:00Z", "2026-11-19T07:00:00Z")] // 20:00 in Berlin: until the next morning
    [InlineData("2026-11-18T03:00:00Z", "2026-11-18T07:00:00Z")] // 04:00: until the same morning
    [InlineData("2026-11-18T07:00:00Z", "2026-11-18T07:00:00Z")] // 08:00 sharp isn't quiet any more
    [InlineData("2026-11-20T19:30:00Z", "2026-11-23T07:00:00Z")] // a Friday evening: until Monday morning
    [InlineData("2026-11-21T12:00:00Z", "2026-11-23T07:00:00Z")] // a Saturday
    public void What_is_quiet_waits_for_the_first_moment_that_is_not(string at, string next) =>
        Assert.Equal(DateTimeOffset.Parse(next), Nights.Next(DateTimeOffset.Parse(at)));

    [Fact]
    public void An_end_that_the_clock_skips_is_the_moment_after_the_skip()
    {
        var quiet = new QuietHours(new TimeOnly(0, 0), new TimeOnly(2, 30), [], Berlin);

        // On 29 March 2026 the clock goes from 02:00 to 03:00 in Berlin.
        Assert.Equal(DateTimeOffset.Parse("2026-03-29T01:00:00Z"), quiet.Next(DateTimeOffset.Parse("2026-03-28T23:30:00Z")));
    }

    [Fact]
    public void The_same_beginning_and_end_are_never_quiet()
    {
        var never = new QuietHours(new TimeOnly(8, 0), new TimeOnly(8, 0), [], Berlin);
        var at = DateTimeOffset.Parse("2026-11-18T07:00:00Z");

        Assert.Equal(at, never.Next(at));
    }

    [Fact]
    public void The_next_moment_is_never_before_and_never_quiet_itself()
    {
        var zones = TimeZoneInfo.GetSystemTimeZones();
        var cases =
            from zone in Gen.Elements(zones.ToArray())
            from hours in Gen.Choose(0, 23).Two()
            from days in Gen.SubListOf(Enum.GetValues<DayOfWeek>().Skip(1).ToArray())
            from minutes in Gen.Choose(0, 60 * 24 * 365)
            select (new QuietHours(new TimeOnly(hours.Item1, 0), new TimeOnly(hours.Item2, 30), [.. days], zone),
                DateTimeOffset.Parse("2026-01-01T00:00:00Z").AddMinutes(minutes));

        Prop.ForAll(cases.ToArbitrary(), one =>
        {
            var (quiet, at) = one;
            var next = quiet.Next(at);
            return next >= at && quiet.Next(next) == next;
        }).QuickCheckThrowOnFailure();
    }
}
