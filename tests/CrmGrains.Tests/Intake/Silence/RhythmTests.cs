using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Silence;
using FsCheck;
using FsCheck.Fluent;
using Made = CrmGrains.Tests.Intake.Sources.A;

namespace CrmGrains.Tests.Intake.Silence;

public sealed class RhythmTests
{
    private static readonly DateTimeOffset Monday = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    private static readonly ExpectedRhythm.AtLeast Office = new(
        20, TimeSpan.FromDays(1), 8, 18,
        [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday], TimeZoneInfo.Utc);

    [Fact]
    public void A_source_that_sends_by_day_is_silent_at_noon_and_not_at_night()
    {
        var (rhythm, last) = Learned(perOpenHour: 10);

        Assert.Null(Fault(rhythm, last, last.AddHours(14)));
        Assert.NotNull(Fault(rhythm, last, last.AddHours(17)));
    }

    [Fact]
    public void A_weekend_without_deliveries_is_usual_after_three_weeks()
    {
        var (rhythm, last) = Learned(perOpenHour: 10);
        var friday = last.AddDays(4);

        Assert.Null(Fault(rhythm with { Hour = Rhythm.HourOf(friday) }, friday, friday.AddHours(62)));
    }

    [Fact]
    public void A_source_that_sends_rarely_never_alarms()
    {
        var rhythm = Rhythm.From(Monday);
        var last = Monday;
        for (var week = 0; week < 8; week++)
        {
            var at = Monday.AddDays((7 * week) + (week % 5));
            (rhythm, last) = (rhythm.With(Arrivals.At(at), last, wasSilent: false), at);
        }

        Assert.Null(Fault(rhythm, last, last.AddDays(60)));
    }

    [Fact]
    public void In_the_first_week_nothing_is_said()
    {
        var rhythm = Rhythm.From(Monday).With(Arrivals.At([.. Enumerable.Range(0, 500).Select(minute => Monday.AddMinutes(minute))]), Monday, wasSilent: false);

        Assert.Null(Fault(rhythm, Monday.AddMinutes(500), Monday.AddDays(5)));
    }

    [Fact]
    public void A_silence_that_was_told_is_not_learned()
    {
        var (rhythm, last) = Learned(perOpenHour: 10);

        var after = rhythm.With(Arrivals.At(last.AddDays(7)), last, wasSilent: true);

        Assert.Equal(rhythm.Weekly, after.Weekly, precision: 6);
        Assert.Equal(rhythm.LongestQuiet, after.LongestQuiet, precision: 6);
    }

    [Fact]
    public void A_source_that_has_been_as_quiet_before_is_given_twice_as_long()
    {
        var (rhythm, last) = Learned(perOpenHour: 10);

        Assert.Null(Fault(rhythm with { LongestQuiet = 30 }, last, last.AddHours(17)));
    }

    [Fact]
    public void One_every_six_hours_is_what_it_says()
    {
        var source = Made.JsonSource with { Expect = new ExpectedRhythm.Every(TimeSpan.FromHours(6)) };
        var rhythm = Rhythm.From(Monday);

        Assert.Null(SilenceRule.Fault(rhythm, Monday, source, Monday.AddHours(6)));
        Assert.Equal("expected is one every 6 h", SilenceRule.Fault(rhythm, Monday, source, Monday.AddHours(6).AddSeconds(1)));
    }

    [Theory]
    [InlineData(19, 18, true)]
    [InlineData(20, 18, false)]
    [InlineData(19, 17, false)]
    public void A_number_a_day_is_asked_for_when_the_day_is_over(int count, int hour, bool isFault)
    {
        var source = Made.JsonSource with { Expect = Office };
        var came = Enumerable.Range(0, count).Select(minute => Monday.AddDays(7).AddHours(9).AddMinutes(minute)).ToArray();
        var rhythm = Rhythm.From(Monday).With(Arrivals.At(came), Monday, wasSilent: false);

        Assert.Equal(isFault, SilenceRule.Fault(rhythm, came[^1], source, Monday.AddDays(7).AddHours(hour)) is not null);
    }

    [Fact]
    public void A_weekend_is_not_asked_for_a_number_a_day()
    {
        var source = Made.JsonSource with { Expect = Office };
        var rhythm = Rhythm.From(Monday).With(Arrivals.At(Monday), Monday, wasSilent: false);

        Assert.Null(SilenceRule.Fault(rhythm, Monday, source, Monday.AddDays(6).AddHours(12)));
    }

    [Fact]
    public void Arrivals_add_up_in_any_order() =>
        Prop.ForAll<PositiveInt, PositiveInt>((x, y) =>
        {
            var (one, other) = (Arrivals.At(Monday.AddMinutes(x.Get)), Arrivals.At(Monday.AddMinutes(y.Get)));
            var (forwards, backwards) = (one.And(other), other.And(one));
            return forwards.First == backwards.First && forwards.Last == backwards.Last
                && forwards.ByHour.Values.Sum() == 2 && forwards.ByHour.All(hour => backwards.ByHour[hour.Key] == hour.Value);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_the_instants_are_a_rhythm_keeps_its_size() =>
        Prop.ForAll<int[]>(minutes =>
        {
            var rhythm = Rhythm.From(Monday);
            foreach (var minute in minutes)
                rhythm = rhythm.With(Arrivals.At(Monday.AddMinutes(minute * 1000.0)), Monday, wasSilent: minute % 2 == 0);
            return rhythm.Rates.Length == Rhythm.HoursOfWeek && rhythm.Recent.Length == Rhythm.HoursOfWeek
                && rhythm.Rates.All(double.IsFinite) && double.IsFinite(rhythm.Expected(Monday, Monday.AddYears(5)));
        }).QuickCheckThrowOnFailure();

    private static string? Fault(Rhythm rhythm, DateTimeOffset last, DateTimeOffset now) => SilenceRule.Fault(rhythm, last, Made.JsonSource, now);

    // Four weeks of office hours, to the end of a Monday's.
    private static (Rhythm Rhythm, DateTimeOffset Last) Learned(int perOpenHour)
    {
        var (rhythm, last) = (Rhythm.From(Monday), Monday);
        for (var hour = Monday; hour < Monday.AddDays(28).AddHours(18); hour = hour.AddHours(1))
        {
            if (!Office.IsOpen(hour))
                continue;
            var came = Enumerable.Range(0, perOpenHour).Select(number => hour.AddMinutes(number * 60.0 / perOpenHour)).ToArray();
            (rhythm, last) = (rhythm.With(Arrivals.At(came), last, wasSilent: false), came[^1]);
        }

        return (rhythm, last);
    }
}
