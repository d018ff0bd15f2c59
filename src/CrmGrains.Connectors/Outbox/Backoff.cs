namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// How long to wait after a failure: longer each time, and never the same for all, so that those who failed together don't return together.
/// </summary>
/// <param name="Base">The most after the first failure.</param>
/// <param name="Ceiling">The most after any.</param>
internal readonly record struct Backoff(TimeSpan Base, TimeSpan Ceiling)
{
    /// <summary>Exponential with full jitter: anything between nothing and the most for this attempt.</summary>
    /// <param name="attempt">The one that failed, counted from 1.</param>
    /// <param name="draw">From 0 to 1.</param>
    public TimeSpan Delay(int attempt, double draw) => Most(attempt) * Math.Clamp(draw, 0, 1);

    /// <summary>At least half of the most: for who must never ask twice in a row.</summary>
    public TimeSpan DelayOfHalfAtLeast(int attempt, double draw) => Most(attempt) * (0.5 + (Math.Clamp(draw, 0, 1) / 2));

    // In doubles, which grow without overflowing.
    private TimeSpan Most(int attempt) =>
        TimeSpan.FromTicks((long)Math.Min(Ceiling.Ticks, Base.Ticks * Math.Pow(2, Math.Max(attempt, 1) - 1)));
}
