using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Plan;

namespace CrmGrains.Faults.Kinds;

/// <summary><c>kill -9</c> of a silo, and a new one in its place after a while.</summary>
internal sealed class KillSilo : Fault
{
    public override string Name => "kill";

    public override string Description => "kill -9 of a silo; another one takes its place after a while";

    public override Task StrikeAsync(FaultCluster cluster, Strike strike, CancellationToken cancellationToken)
    {
        var silo = cluster.Silos[strike.Silo];
        return AloneAsync(silo.Turn, async () =>
        {
            await silo.AtWorkAsync(cancellationToken);
            await silo.KillAsync();
            await Task.Delay(strike.Length, TimeProvider.System, cancellationToken);
            await silo.StartAsync(cancellationToken);
        }, cancellationToken);
    }
}
