using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Plan;

namespace CrmGrains.Faults.Kinds;

/// <summary>PostgreSQL is stopped as an operator stops it, and away for a while.</summary>
internal sealed class StopPostgres : Fault
{
    public override string Name => "stop";

    public override string Description => "PostgreSQL is stopped and away for a while";

    public override FaultTarget Target => FaultTarget.Server;

    public override TimeSpan Shortest => TimeSpan.FromSeconds(2);

    public override TimeSpan Longest => TimeSpan.FromSeconds(8);

    public override Task StrikeAsync(FaultCluster cluster, Strike strike, CancellationToken cancellationToken) =>
        StopAsync(cluster, isImmediate: strike.Draw < 0.3, strike.Length, cancellationToken);

    /// <summary>Stops the server and starts it again after a while.</summary>
    public static Task StopAsync(FaultCluster cluster, bool isImmediate, TimeSpan away, CancellationToken cancellationToken)
    {
        if (cluster.Server is not { } server)
            return Task.CompletedTask;
        return AloneAsync(cluster.ServerTurn, async () =>
        {
            await server.StopAsync(isImmediate);
            try
            {
                await Task.Delay(away, TimeProvider.System, cancellationToken);
            }
            finally
            {
                await server.StartAsync(cancellationToken);
            }
        }, cancellationToken);
    }
}
