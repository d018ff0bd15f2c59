using System.Threading.Channels;

namespace CrmGrains.Runtime.Silos;

/// <summary>Wakes whoever waits for work. Calls while nobody waits are kept as one: a call means «look again», not «there is one».</summary>
public sealed class Wakeup(TimeProvider time)
{
    private readonly Channel<bool> _call = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private long _count;
    private int _isOurs;

    /// <summary>Signals so far: one that another waiter took is seen by whoever compares.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Wakes one waiter, now or as soon as there is one.</summary>
    public void Signal()
    {
        Interlocked.Increment(ref _count);
        Volatile.Write(ref _isOurs, 1);
        _call.Writer.TryWrite(true);
    }

    /// <summary>Wakes nobody: whoever is at it already looks once more.</summary>
    public void Note() => Interlocked.Increment(ref _count);

    /// <summary>Tells a waiter that there is work for somebody else.</summary>
    public void Hint() => _call.Writer.TryWrite(true);

    /// <summary>Waits for a call, at most as long as given.</summary>
    public async Task<Call> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _call.Reader.ReadAsync(either.Token);
            return Interlocked.Exchange(ref _isOurs, 0) == 1 ? Call.OfOurs : Call.OfAnother;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Call.None;
        }
    }
}

/// <summary>What a waiter was told.</summary>
public enum Call
{
    /// <summary>Nothing; the time was over.</summary>
    None,

    /// <summary>There is work for another process.</summary>
    OfAnother,

    /// <summary>There may be work for this one.</summary>
    OfOurs,
}
