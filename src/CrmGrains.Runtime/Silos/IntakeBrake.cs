using CrmGrains.Core.Configuration;
using CrmGrains.Runtime.Storage;
using Microsoft.Extensions.Logging;

namespace CrmGrains.Runtime.Silos;

/// <summary>
/// Holds the intake of a workspace back while its grains' mailboxes are deep: a backlog waits at the door, not in the way of others. And that of
/// a source that is paused.
/// </summary>
internal sealed class IntakeBrake(IEngineStore store, IWorkspaces workspaces, SiloOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private long _measuredAt;
    private string[] _deep = [];

    /// <summary>The workspaces, and the sources as <c>workspace/source</c>, whose intake waits.</summary>
    public string[] HeldBack => workspaces.PausedSources is { Count: > 0 } paused ? [.. Volatile.Read(ref _deep), .. paused] : Volatile.Read(ref _deep);

    /// <summary>Whether mailboxes were deep, so that it is to be measured whether they still are.</summary>
    public bool IsHolding => Volatile.Read(ref _deep).Length > 0;

    /// <summary>Measures, at most four times a second.</summary>
    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        var last = Volatile.Read(ref _measuredAt);
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(last, now) < Interval || Interlocked.CompareExchange(ref _measuredAt, now, last) != last)
            return;
        try
        {
            Volatile.Write(ref _deep, await store.DeepMailboxesAsync(options.MailboxDepth, cancellationToken));
        }
        catch (Exception exception) when (SqlState.IsTransient(exception) && !cancellationToken.IsCancellationRequested)
        {
            logger.MeasuringFailed(exception.Message);
        }
    }
}
