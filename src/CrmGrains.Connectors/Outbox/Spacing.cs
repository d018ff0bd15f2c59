namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// When the batches of one object leave. The first command after idleness goes at once, so a single lead is fast; while traffic goes
/// on, batches leave ever further apart; and in a flood, which would fill a batch soon, they wait for it. A full batch never waits.
/// </summary>
internal sealed class Spacing(OutboxOptions options)
{
    private TimeSpan _spacing;
    private DateTimeOffset _leftAt = DateTimeOffset.MinValue;
    private DateTimeOffset? _idleSince;

    // A rate that was measured over less says nothing: what one turn asked for comes in one go.
    private static readonly TimeSpan ShortestMeasure = TimeSpan.FromSeconds(1);

    /// <summary>When a batch that isn't full may leave.</summary>
    /// <param name="now">The time.</param>
    /// <param name="lanes">What it would hold.</param>
    public DateTimeOffset LeavesAt(DateTimeOffset now, int lanes) =>
        _spacing == TimeSpan.Zero ? _leftAt
        : IsFlood(now, lanes) && options.FloodSpacing > _spacing ? _leftAt + options.FloodSpacing
        : _leftAt + _spacing;

    private bool IsFlood(DateTimeOffset now, int lanes)
    {
        var since = now - _leftAt > ShortestMeasure ? now - _leftAt : ShortestMeasure;
        return lanes / since.TotalSeconds * options.FloodSpacing.TotalSeconds >= options.FloodBatch;
    }

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
