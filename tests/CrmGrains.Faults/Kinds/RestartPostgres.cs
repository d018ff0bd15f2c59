using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Plan;

namespace CrmGrains.Faults.Kinds;

/// <summary><c>pg_ctl restart -m immediate</c>: as if the server had crashed; the start replays its log.</summary>
internal sealed class RestartPostgres : Fault
{
    public override string Name => "restart";

    public override string Description => "pg_ctl restart -m immediate";

    public override FaultTarget Target => FaultTarget.Server;

    public override Task StrikeAsync(FaultCluster cluster, Strike strike, CancellationToken cancellationToken) =>
        StopPostgres.StopAsync(cluster, isImmediate: true, TimeSpan.Zero, cancellationToken);
}
