using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Plan;

namespace CrmGrains.Faults.Kinds;

/// <summary>
/// SIGSTOP of a silo in the middle of a batch, and SIGCONT later: PostgreSQL has ended its session by then, and what it still wants to write
/// must not land.
/// </summary>
internal sealed class FreezeSilo : Fault
{
    public override string Name => "freeze";

    public override string Description => "SIGSTOP of a silo in the middle of a batch, SIGCONT later";

    public override FaultTarget Target => FaultTarget.Batch;

    // Longer than the session is given, and also shorter: then its batch is simply late.
    public override TimeSpan Shortest => TimeSpan.FromSeconds(2);

    public override TimeSpan Longest => TimeSpan.FromSeconds(12);

    public override async Task StrikeAsync(FaultCluster cluster, Strike strike, CancellationToken cancellationToken)
    {
        var silo = await FreezeInABatchAsync(cluster, cancellationToken);
        try
        {
            await Task.Delay(strike.Length, TimeProvider.System, cancellationToken);
        }
        finally
        {
            silo.Process.Thaw();
            silo.Turn.Release();
        }
    }

    /// <summary>
    /// Freezes a silo, whichever it is, while PostgreSQL waits for the next statement of its batch. Its turn is held by the caller.
    /// </summary>
    /// <exception cref="ClusterException">No silo began a batch in time, or another fault has the one that did.</exception>
    public static async Task<SiloSlot> FreezeInABatchAsync(FaultCluster cluster, CancellationToken cancellationToken)
    {
        // Whoever takes deliveries in wants to write into this table in the middle of its batch, and waits there until it is frozen.
        await using var held = await BatchTrap.SetAsync(cluster.Database, cancellationToken);
        var session = await held.CaughtAsync(cancellationToken);
        var silo = cluster.Silos.FirstOrDefault(silo => silo.Owns(session.ClientPort))
            ?? throw new ClusterException($"No silo of the cluster has the connection from port {session.ClientPort}.");
        if (!await silo.Turn.WaitAsync(TimeSpan.Zero, cancellationToken))
            throw new ClusterException($"{silo.Name} is in the hands of another fault.");
        silo.Process.Freeze();
        return silo;
    }
}
