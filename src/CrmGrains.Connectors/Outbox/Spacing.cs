namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// When the batches of one object leave. The first command after idleness goes at once, so a single lead is fast; while traffic goes
/// on, batches leave ever further apart, so a flood makes few calls. A full batch never waits.
/// </summary>
internal sealed class Spacing(OutboxOptions options)
{
    private TimeSpan _spacing;
    private DateTimeOffset _leftAt = DateTimeOffset.MinValue;
    private DateTimeOffset? _idleSince;

    /// <summary>When a batch that isn't full may leave.</summary>
    public DateTimeOffset LeavesAt => _leftAt == DateTimeOffset.MinValue ? _leftAt : _leftAt + _spacing;

    /// <summary>Something is waiting.</summary>
    public void Waiting(DateTimeOffset now)
    {
        if (_idleSince is { } since && now - since >= options.IdleAfter)
            _spacing = TimeSpan.Zero;
        _idleSince = null;
    }

    /// <summary>A batch left.</summary>
    /// <param name="isMoreWaiting">Whether it left anything behind that could have gone too.</param>
    public void Left(DateTimeOffset now, bool isMoreWaiting)
    {
        _spacing = _spacing == TimeSpan.Zero ? options.FirstSpacing : options.Spacing;
        _leftAt = now;
        _idleSince = isMoreWaiting ? null : now;
    }
}
