using CrmGrains.Connectors.Limits;
using CrmGrains.Core.Configuration;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Connectors;

public sealed class TokenBucketTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void No_window_of_time_ever_sees_more_than_the_burst_and_the_rate() =>
        Prop.ForAll<PositiveInt, PositiveInt, int[]>((burst, interval, steps) =>
        {
            var bucket = new TokenBucket(burst.Get, TimeSpan.FromMilliseconds(interval.Get));
            var taken = TakenAt(bucket, steps);
            for (var first = 0; first < taken.Count; first++)
            {
                for (var last = first; last < taken.Count; last++)
                {
                    var most = burst.Get + ((taken[last] - taken[first]).Ticks / bucket.Interval.Ticks);
                    if (last - first + 1 > most)
                        return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_bucket_for_a_limit_keeps_within_it_wherever_the_window_begins() =>
        Prop.ForAll<PositiveInt, int[]>((calls, steps) =>
        {
            var limit = new RateLimit(calls.Get, TimeSpan.FromSeconds(1));
            var taken = TakenAt(TokenBucket.For(limit), steps);
            return taken.TrueForAll(begin => taken.Count(at => at >= begin && at < begin + limit.Per) <= limit.Calls);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whoever_waits_as_long_as_told_gets_a_call() =>
        Prop.ForAll<PositiveInt, PositiveInt, int[]>((burst, interval, steps) =>
        {
            var bucket = new TokenBucket(burst.Get, TimeSpan.FromMilliseconds(interval.Get));
            _ = TakenAt(bucket, steps);
            var now = Noon.AddDays(1);
            for (var i = 0; i < burst.Get + 3; i++)
                now += bucket.Take(now) is { Ticks: > 0 } wait && bucket.Take(now + wait) == TimeSpan.Zero ? wait : TimeSpan.Zero;
            return bucket.Take(now.AddDays(1)) == TimeSpan.Zero;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_the_other_side_says_is_left_lowers_the_bucket_and_never_raises_it()
    {
        var bucket = new TokenBucket(10, TimeSpan.FromSeconds(1));

        bucket.Correct(3, Noon);
        Assert.Equal(3, bucket.Left(Noon));
        bucket.Correct(9, Noon);
        Assert.Equal(3, bucket.Left(Noon));
        bucket.Correct(-1, Noon);
        Assert.Equal(TimeSpan.FromSeconds(1), bucket.Take(Noon));
    }

    [Fact]
    public void A_closed_bucket_lets_nothing_through_until_then_and_an_earlier_end_does_not_open_it()
    {
        var bucket = new TokenBucket(10, TimeSpan.FromSeconds(1));

        bucket.CloseUntil(Noon.AddSeconds(10));
        bucket.CloseUntil(Noon.AddSeconds(5));

        Assert.Equal(TimeSpan.FromSeconds(10), bucket.Take(Noon));
        Assert.Equal(TimeSpan.Zero, bucket.Take(Noon.AddSeconds(10)));
    }

    [Fact]
    public async Task A_cancelled_wait_costs_no_call_and_lets_the_next_one_wait()
    {
        using var limiter = new Limiter(new TokenBucket(1, TimeSpan.FromMilliseconds(200)), TimeProvider.System);
        Assert.Null(await limiter.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None));
        using var cancelled = new CancellationTokenSource();
        var waiting = limiter.WaitAsync(TimeSpan.FromMinutes(1), cancelled.Token);
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Null(await limiter.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None));
    }

    [Fact]
    public async Task A_wait_that_would_be_too_long_is_not_begun()
    {
        using var limiter = new Limiter(new TokenBucket(1, TimeSpan.FromSeconds(1)), TimeProvider.System);
        limiter.CloseFor(TimeSpan.FromHours(1));

        Assert.True(await limiter.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None) > TimeSpan.FromMinutes(59));
    }

    /// <summary>Asks for a call again and again, with pauses in between and now and then a clock that was set back.</summary>
    private static List<DateTimeOffset> TakenAt(TokenBucket bucket, int[] steps)
    {
        var (now, taken) = (Noon, new List<DateTimeOffset>());
        foreach (var step in steps)
        {
            now += TimeSpan.FromMilliseconds(Math.Max(step, -3) * 5);
            for (var i = 0; i < 5; i++)
            {
                if (bucket.Take(now) == TimeSpan.Zero)
                    taken.Add(now);
            }
        }

        taken.Sort();
        return taken;
    }
}
