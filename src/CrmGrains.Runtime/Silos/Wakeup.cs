using System.Threading.Channels;

namespace CrmGrains.Runtime.Silos;

/// <summary>Wakes whoever waits for work. Signals while nobody waits are kept as one: a signal means «look again», not «there is one».</summary>
public sealed class Wakeup(TimeProvider time)
{
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private long _count;

    /// <summary>Signals so far: one that another waiter took is seen by whoever compares.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Wakes one waiter, now or as soon as there is one.</summary>
    public void Signal()
    {
        Interlocked.Increment(ref _count);
        _signal.Writer.TryWrite(true);
    }

    /// <summary>Waits for a signal, at most as long as given.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await _signal.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
