using CrmGrains.Runtime.Silos;

namespace CrmGrains.Intake.Inbox;

/// <summary>
/// Lets commits of the inbox rest while the silo of the same process is behind: the senders wait a little longer, more of them share a commit, and
/// the cores go to what was accepted before. Otherwise a flood is taken in faster than it is handled, and what it costs to store takes the
/// silo's time too. The gap grows and shrinks by steps, so both settle where neither waits for the other.
/// </summary>
internal sealed class InboxPace(Wakeups wakeups, InboxOptions options, TimeProvider time)
{
    private static readonly TimeSpan Longer = TimeSpan.FromMilliseconds(0.5);
    private static readonly TimeSpan Shorter = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan WorthAWait = TimeSpan.FromMilliseconds(1);

    private TimeSpan _gap;
    private long _lastAt;

    /// <summary>Waits until the next commit may begin.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        _gap = wakeups.IsBehind ? Least(_gap + Longer, options.LongestGap) : _gap > Shorter ? _gap - Shorter : TimeSpan.Zero;
        var left = _lastAt == 0 ? TimeSpan.Zero : _gap - time.GetElapsedTime(_lastAt);
        if (left >= WorthAWait)
            await Task.Delay(left, time, cancellationToken);
    }

    /// <summary>A commit has ended.</summary>
    public void Committed() => _lastAt = time.GetTimestamp();

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
