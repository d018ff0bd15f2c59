using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Plan;

namespace CrmGrains.Faults.Kinds;

/// <summary>One kind of fault: it strikes, lasts, and is healed by itself.</summary>
internal abstract class Fault
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>How it is called on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What happens, in a few words.</summary>
    public abstract string Description { get; }

    /// <summary>What it is done to. Two faults of one target never overlap.</summary>
    public virtual FaultTarget Target => FaultTarget.Silo;

    /// <summary>How long it lasts at least.</summary>
    public virtual TimeSpan Shortest => TimeSpan.Zero;

    /// <summary>How long it lasts at most.</summary>
    public virtual TimeSpan Longest => TimeSpan.FromSeconds(1);

    /// <summary>Whether it is only for a PostgreSQL of the run's own.</summary>
    public virtual bool NeedsOwnServer => Target == FaultTarget.Server;

    /// <summary>Why it can't be done on this machine; null where it can.</summary>
    public virtual string? ObstacleHere() => null;

    /// <summary>Why it can't be done to this cluster; null where it can.</summary>
    public virtual string? ObstacleIn(FaultCluster cluster) => ObstacleHere()
        ?? (NeedsOwnServer && cluster.Server is null ? "it is only for a PostgreSQL of the run's own: leave out --postgres" : null);

    /// <summary>Strikes and heals.</summary>
    public abstract Task StrikeAsync(FaultCluster cluster, Strike strike, CancellationToken cancellationToken);

    /// <summary>Takes a silo or the server for itself while it does something to it.</summary>
    protected static async Task AloneAsync(SemaphoreSlim turn, Func<Task> work, CancellationToken cancellationToken)
    {
        if (!await turn.WaitAsync(Patience, cancellationToken))
            throw new ClusterException("What it was for was still in the hands of another fault.");
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

/// <summary>What a fault is done to.</summary>
internal enum FaultTarget
{
    /// <summary>The silo that the plan names.</summary>
    Silo,

    /// <summary>Whichever silo is in the middle of a batch.</summary>
    Batch,

    /// <summary>Sessions of the database.</summary>
    Sessions,

    /// <summary>PostgreSQL itself.</summary>
    Server,
}
