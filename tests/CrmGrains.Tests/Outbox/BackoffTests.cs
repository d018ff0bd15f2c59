using CrmGrains.Connectors.Outbox;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Outbox;

public sealed class BackoffTests
{
    private static readonly Backoff FiveMinutesAtMost = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

    [Fact]
    public void Backoff_stays_between_zero_and_its_ceiling() =>
        Prop.ForAll<PositiveInt, NormalFloat>((attempt, x) =>
        {
            var delay = FiveMinutesAtMost.Delay(attempt.Get, draw: x.Get);
            return delay >= TimeSpan.Zero && delay <= FiveMinutesAtMost.Ceiling;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_most_doubles_with_each_attempt_until_the_ceiling() =>
        Assert.Equal(
            [1, 2, 4, 8, 256, 300, 300],
            new[] { 1, 2, 3, 4, 9, 10, int.MaxValue }.Select(attempt => FiveMinutesAtMost.Delay(attempt, draw: 1).TotalSeconds));

    [Fact]
    public void Who_must_not_ask_twice_in_a_row_waits_for_half_at_least() =>
        Assert.Equal([0.5, 1], new[] { 0.0, 1 }.Select(draw => FiveMinutesAtMost.DelayOfHalfAtLeast(1, draw).TotalSeconds));
}
