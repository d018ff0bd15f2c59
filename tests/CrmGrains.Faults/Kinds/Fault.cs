using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Plan;

namespace CrmGrains.Faults.Kinds;

/// <summary>One kind of fault: it strikes, lasts, and is healed by itself.</summary>
internal abstract class Fault
{
    /// <summary>How it is called on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What happens, in a few words.</summary>
    public abstract string Description { get; }

    /// <summary>How long it lasts at least.</summary>
    public virtual TimeSpan Shortest => TimeSpan.Zero;

    /// <summary>How long it lasts at most.</summary>
    public virtual TimeSpan Longest => TimeSpan.FromSeconds(1);

    /// <summary>Why it can't be done to this cluster; null where it can.</summary>
    public virtual string? ObstacleIn(FaultCluster cluster) => null;

    /// <summary>Strikes and heals.</summary>
    public abstract Task StrikeAsync(FaultCluster cluster, Strike strike, CancellationToken cancellationToken);

    /// <summary>A fault of a server is only for a server that is the run's own.</summary>
    protected static string? NeedsOwnServer(FaultCluster cluster) =>
        cluster.Server is null ? "it is only for a PostgreSQL of the run's own: leave out --postgres" : null;

    /// <summary>Takes a silo or the server for itself while it does something to it.</summary>
    protected static async Task AloneAsync(SemaphoreSlim turn, Func<Task> work, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            await work();
        }
        finally
        {
            turn.Release();
        }
    }
}
