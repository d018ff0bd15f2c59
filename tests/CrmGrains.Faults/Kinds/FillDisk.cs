using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Plan;

namespace CrmGrains.Faults.Kinds;

/// <summary>The server's disk runs full. PostgreSQL refuses writes, or gives up; then room is made and it is started again.</summary>
internal sealed class FillDisk : Fault
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    public override string Name => "disk";

    public override string Description => "the server's disk runs full, then room is made again";

    public override FaultTarget Target => FaultTarget.Server;

    public override TimeSpan Shortest => TimeSpan.FromSeconds(1);

    public override TimeSpan Longest => TimeSpan.FromSeconds(6);

    public override string? ObstacleHere() =>
        TmpfsFolder.MayMount ? null : "a small tmpfs can't be mounted here: that takes root and the capability CAP_SYS_ADMIN";

    public override string? ObstacleIn(FaultCluster cluster) =>
        base.ObstacleIn(cluster) ?? (cluster.Disk is null ? "mounting a small tmpfs was refused" : null);

    public override Task StrikeAsync(FaultCluster cluster, Strike strike, CancellationToken cancellationToken) =>
        cluster is { Disk: { } disk, Server: { } server }
            ? AloneAsync(cluster.ServerTurn, () => FillAsync(disk, server, strike.Length, cancellationToken), cancellationToken)
            : Task.CompletedTask;

    private static async Task FillAsync(TmpfsFolder disk, PostgresServer server, TimeSpan length, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            while (TimeProvider.System.GetElapsedTime(began) < length)
            {
                // Whatever the server gives back is taken too.
                disk.Fill();
                await Task.Delay(Look, TimeProvider.System, cancellationToken);
            }
        }
        finally
        {
            disk.MakeRoom();
            await server.StartAsync(cancellationToken);
        }
    }
}
