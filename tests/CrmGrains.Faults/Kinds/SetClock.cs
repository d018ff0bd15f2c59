using System.Globalization;
using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Plan;

namespace CrmGrains.Faults.Kinds;

/// <summary>A silo comes back with a clock that is an hour fast or slow, and keeps it.</summary>
internal sealed class SetClock : Fault
{
    private static readonly string? Library = ((string[])
        ["/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"])
        .FirstOrDefault(File.Exists);

    public override string Name => "clock";

    public override string Description => "a silo comes back with a clock that is an hour fast or slow";

    public override string? ObstacleHere() =>
        Library is null ? "libfaketime is missing: apt-get install -y --no-install-recommends faketime" : null;

    public override Task StrikeAsync(FaultCluster cluster, Strike strike, CancellationToken cancellationToken)
    {
        var silo = cluster.Silos[strike.Silo];
        return AloneAsync(silo.Turn, async () =>
        {
            await silo.AtWorkAsync(cancellationToken);
            await silo.KillAsync();
            await silo.StartAsync(ApartBy(TimeSpan.FromHours(strike.Draw < 0.5 ? 1 : -1)), cancellationToken);
        }, cancellationToken);
    }

    /// <summary>The environment of a process whose clock is apart. Waits are as long as ever: only what time it is differs.</summary>
    public static IReadOnlyDictionary<string, string> ApartBy(TimeSpan offset) => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = Library ?? "",
        ["FAKETIME"] = string.Create(CultureInfo.InvariantCulture, $"{offset.TotalSeconds:+0;-0}s"),
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        ["DONT_FAKE_MONOTONIC"] = "1",
    };
}
