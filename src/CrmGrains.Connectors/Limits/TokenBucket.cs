using CrmGrains.Core.Configuration;

namespace CrmGrains.Connectors.Limits;

/// <summary>
/// A burst of calls, then a steady rate; it can be closed until an instant and corrected downwards. Pure but for its own count: the time
/// is an argument. Counts in ticks of saved time rather than in fractions of calls, so that nothing is rounded.
/// </summary>
/// <param name="burst">Calls that may be made at once after a quiet time.</param>
/// <param name="interval">The time that one more call takes to become free.</param>
internal sealed class TokenBucket(int burst, TimeSpan interval)
{
    private long _saved = burst * interval.Ticks;
    private DateTimeOffset _at = DateTimeOffset.MinValue;
    private DateTimeOffset _closedUntil = DateTimeOffset.MinValue;

    /// <summary>Calls that may be made at once after a quiet time.</summary>
    public int Burst => burst;

    /// <summary>The time that one more call takes to become free.</summary>
    public TimeSpan Interval => interval;

    /// <summary>
    /// A bucket that stays within a limit on every window of its length, wherever the window begins: a fifth of the calls is the burst and
    /// the rest is spread evenly, because a burst of all of them followed by the steady rate would come to twice the limit.
    /// </summary>
    public static TokenBucket For(RateLimit limit)
    {
        var burst = Math.Max(1, limit.Calls / 5);
        var steady = Math.Max(1, limit.Calls - burst);
        return new TokenBucket(burst, new TimeSpan((limit.Per.Ticks + steady - 1) / steady));
    }

    /// <summary>Takes a call.</summary>
    /// <returns>Zero where it was taken; otherwise how long to wait before asking again.</returns>
    public TimeSpan Take(DateTimeOffset now)
    {
        Refill(now);
        if (_closedUntil > now)
            return _closedUntil - now;
        if (_saved < interval.Ticks)
            return new TimeSpan(interval.Ticks - _saved);
        _saved -= interval.Ticks;
        return TimeSpan.Zero;
    }

    /// <summary>Lets no call through until then; a later instant given before stays.</summary>
    public void CloseUntil(DateTimeOffset until) => _closedUntil = until > _closedUntil ? until : _closedUntil;

    /// <summary>Takes away what the other side says isn't there; it never adds.</summary>
    public void Correct(int left, DateTimeOffset now)
    {
        Refill(now);
        _saved = Math.Min(_saved, Math.Max(0, left) * interval.Ticks);
    }

    /// <summary>Calls that could be made at once.</summary>
    public int Left(DateTimeOffset now)
    {
        Refill(now);
        return _closedUntil > now ? 0 : (int)(_saved / interval.Ticks);
    }

    private void Refill(DateTimeOffset now)
    {
        // A clock that was set back gives nothing; one that was set forward gives a burst at most.
        if (now <= _at)
            return;
        var most = burst * interval.Ticks;
        _saved = now.Ticks - _at.Ticks >= most ? most : Math.Min(most, _saved + (now.Ticks - _at.Ticks));
        _at = now;
    }
}
