using System.Diagnostics;

namespace CrmGrains.IntegrationTests.Outbox;

/// <summary>Time that passes faster than it does, so that nobody waits for backoffs and polls.</summary>
internal sealed class QuickTime(double speed = 20) : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _began = Stopwatch.GetTimestamp();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _start + Passed;

    public override long GetTimestamp() => Passed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Shortened(dueTime), Shortened(period));

    private TimeSpan Passed => Stopwatch.GetElapsedTime(_began) * speed;

    private TimeSpan Shortened(TimeSpan span) =>
        span <= TimeSpan.Zero ? span : TimeSpan.FromMilliseconds(Math.Ceiling(span.TotalMilliseconds / speed));
}
