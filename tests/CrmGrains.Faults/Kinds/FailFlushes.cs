using System.Diagnostics;
using System.Globalization;
using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Plan;
using CrmGrains.Runtime.Postgres;

namespace CrmGrains.Faults.Kinds;

/// <summary>
/// The disk doesn't flush what PostgreSQL wrote: <c>strace</c> answers EIO in the kernel's place. PostgreSQL can't know what is on disk then,
/// panics, and replays its log.
/// </summary>
internal sealed class FailFlushes : Fault
{
    private const int Interrupt = 2;
    private static readonly TimeSpan AttachPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    public override string Name => "fsync";

    public override string Description => "fdatasync and fsync fail with EIO until PostgreSQL panics";

    public override FaultTarget Target => FaultTarget.Server;

    public override TimeSpan Shortest => TimeSpan.FromSeconds(1);

    public override TimeSpan Longest => TimeSpan.FromSeconds(3);

    public override string? ObstacleHere() =>
        (File.Exists("/usr/bin/strace") ? null : "strace is missing: apt-get install -y --no-install-recommends strace")
        ?? (Environment.IsPrivilegedProcess ? null : "strace may look into another user's processes as root only");

    public override Task StrikeAsync(FaultCluster cluster, Strike strike, CancellationToken cancellationToken) =>
        AloneAsync(cluster.ServerTurn, () => FailAsync(cluster, strike, cancellationToken), cancellationToken);

    /// <summary>Whether PostgreSQL panicked and came back is in its log.</summary>
    private static async Task FailAsync(FaultCluster cluster, Strike strike, CancellationToken cancellationToken)
    {
        if (cluster.Server is not { } server)
            return;
        // The sessions and helpers that there are now, not their parent: what it starts after the crash must be able to replay the log.
        var children = ChildrenOf(server.Postmaster);
        var after = 1 + (int)(strike.Draw * 20);
        using var strace = Start(
            ["strace", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync", "-e", $"inject=fdatasync,fsync:error=EIO:when={after}+",
             .. children.SelectMany(pid => (string[])["-p", pid.ToString(CultureInfo.InvariantCulture)])]);
        try
        {
            await AttachedAsync(children, strace, cancellationToken);
            // It ends by itself when all that it looks into have ended, which the panic sees to.
            await strace.WaitForExitAsync(cancellationToken).WaitAsync(strike.Length, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Few commits meanwhile: nobody met the error.
        }
        finally
        {
            if (!strace.HasExited)
                Signal.Send(strace.Id, Interrupt);
            await strace.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static List<int> ChildrenOf(int pid) =>
    [
        .. File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(child => int.Parse(child, CultureInfo.InvariantCulture)),
    ];

    private static Process Start(string[] command) =>
        Process.Start(new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false })
            ?? throw new ClusterException("strace was not started.");

    private static async Task AttachedAsync(List<int> pids, Process strace, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!strace.HasExited && TimeProvider.System.GetElapsedTime(began) < AttachPatience && pids.Any(pid => !IsTraced(pid)))
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
    }

    private static bool IsTraced(int pid)
    {
        try
        {
            return !File.ReadLines($"/proc/{pid}/status").Any(line => line == "TracerPid:\t0");
        }
        catch (IOException)
        {
            return true;  // gone, and with it what there was to wait for
        }
    }
}
