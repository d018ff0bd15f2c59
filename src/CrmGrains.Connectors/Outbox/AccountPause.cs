namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// Whether an account may be called, and when it is probed. A probe that succeeds resumes it; the waits start over only once a write worked
/// too, so an account that passes its probes and refuses every write isn't called in a circle.
/// </summary>
internal sealed class AccountPause(OutboxOptions options, Func<double> draw)
{
    private readonly Backoff _backoff = new(options.ProbeBase, options.ProbeCeiling);
    private int _probes;

    /// <summary>The class of the error; null where the account may be called.</summary>
    public string? Reason { get; private set; }

    /// <summary>When the next probe is due.</summary>
    public DateTimeOffset ProbeAt { get; private set; }

    /// <summary>The account refused to work.</summary>
    /// <returns>How long until the next probe.</returns>
    public TimeSpan Begin(string reason, DateTimeOffset now)
    {
        var delay = _backoff.DelayOfHalfAtLeast(++_probes, draw());
        (Reason, ProbeAt) = (reason, now + delay);
        return delay;
    }

    /// <summary>A probe succeeded.</summary>
    public void End() => Reason = null;

    /// <summary>A write worked.</summary>
    public void Worked() => _probes = Reason is null ? 0 : _probes;
}
