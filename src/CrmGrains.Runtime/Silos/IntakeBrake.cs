using CrmGrains.Runtime.Storage;
using Microsoft.Extensions.Logging;

namespace CrmGrains.Runtime.Silos;

/// <summary>Holds the intake of a workspace back while its grains' mailboxes are deep: a backlog waits at the door, not in the way of others.</summary>
internal sealed class IntakeBrake(IEngineStore store, SiloOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private long _measuredAt;
    private string[] _heldBack = [];

    /// <summary>The workspaces whose intake waits.</summary>
    public string[] HeldBack => Volatile.Read(ref _heldBack);

    /// <summary>Measures, at most four times a second.</summary>
    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        var last = Volatile.Read(ref _measuredAt);
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(last, now) < Interval || Interlocked.CompareExchange(ref _measuredAt, now, last) != last)
            return;
        try
        {
            Volatile.Write(ref _heldBack, await store.DeepMailboxesAsync(options.MailboxDepth, cancellationToken));
        }
        catch (Exception exception) when (SqlState.IsTransient(exception) && !cancellationToken.IsCancellationRequested)
        {
            logger.MeasuringFailed(exception.Message);
        }
    }
}
