using CrmGrains.Core.Autonomy;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Autonomy;

public sealed class WilsonTests
{
    // Of a rate of 1 the bound is n / (n + z²), which is known without the formula; the others are from printed tables.
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 10, 0)]
    [InlineData(50, 50, 0.9287)]
    [InlineData(73, 73, 0.9500)]
    [InlineData(100, 100, 0.9630)]
    [InlineData(95, 100, 0.8882)]
    [InlineData(80, 100, 0.7112)]
    [InlineData(5, 10, 0.2366)]
    [InlineData(1, 1, 0.2065)]
    public void The_bound_is_what_is_known_of_it(int successes, int trials, double expected) =>
        Assert.Equal(expected, Wilson.LowerBound(successes, trials), 4);

    [Fact]
    public void It_lies_below_the_rate_and_rises_with_every_success() =>
        Prop.ForAll<NonNegativeInt, NonNegativeInt>((successes, failures) =>
        {
            var trials = successes.Get + failures.Get + 1;
            var bound = Wilson.LowerBound(successes.Get, trials);
            return bound >= 0 && bound <= ((double)successes.Get / trials) + 1e-12 && Wilson.LowerBound(successes.Get + 1, trials + 1) > bound;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void More_successes_than_trials_are_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => Wilson.LowerBound(2, 1));
}
