namespace CrmGrains.Connectors.Limits;

/// <summary>
/// Lets calls through as a bucket allows, in the order in which they came; nobody spins, and a cancelled wait costs no call.
/// </summary>
internal sealed class Limiter(TokenBucket bucket, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();

    /// <summary>Calls that could be made at once.</summary>
    public int Left
    {
        get
        {
            lock (_gate)
                return bucket.Left(time.GetUtcNow());
        }
    }

    /// <summary>Waits for its turn.</summary>
    /// <param name="atMost">A longer wait isn't begun.</param>
    /// <returns>Null where the call may be made; otherwise how long it would have had to wait.</returns>
    public async Task<TimeSpan?> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                var wait = Take();
                if (wait == TimeSpan.Zero)
                    return null;
                if (wait > atMost)
                    return wait;
                await Task.Delay(wait, time, cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Lets no call through for so long.</summary>
    public void CloseFor(TimeSpan duration)
    {
        lock (_gate)
            bucket.CloseUntil(time.GetUtcNow() + duration);
    }

    /// <summary>Takes away what the other side says isn't there.</summary>
    public void Correct(int left)
    {
        lock (_gate)
            bucket.Correct(left, time.GetUtcNow());
    }

    public void Dispose() => _turn.Dispose();

    private TimeSpan Take()
    {
        lock (_gate)
            return bucket.Take(time.GetUtcNow());
    }
}
