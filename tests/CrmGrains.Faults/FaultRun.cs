using CrmGrains.Faults.Checks;
using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Kinds;
using CrmGrains.Faults.Plan;
using CrmGrains.Faults.Traffic;

namespace CrmGrains.Faults;

/// <summary>What a run is asked for.</summary>
internal sealed record RunOptions
{
    public required int Seconds { get; init; }

    public required int Seed { get; init; }

    public required IReadOnlyList<Fault> Kinds { get; init; }

    /// <summary>Deliveries a second.</summary>
    public required double Rate { get; init; }

    public string? Postgres { get; init; }
}

/// <summary>One run: a cluster, traffic, faults; then everything is healed, the rest is waited for, and the history checked.</summary>
internal static class FaultRun
{
    private const long DiskBytes = 700L * 1024 * 1024;

    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan AcceptPatience = TimeSpan.FromSeconds(60);

    public static async Task<RunReport> RunAsync(RunOptions options, TextWriter progress, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        await progress.WriteLineAsync("Starting PostgreSQL, the stand-in CRM, 1 gateway and 3 silos ...");
        await using var cluster = await FaultCluster.StartAsync(
            new ClusterOptions { Postgres = options.Postgres, DiskBytes = DiskBytes }, cancellationToken);
        var possible = Possible(cluster, options.Kinds, progress);
        var plan = FaultPlan.Draw(options.Seed, TimeSpan.FromSeconds(options.Seconds), possible, cluster.Silos.Count);
        await progress.WriteLineAsync(
            $"Up after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s. Seed {options.Seed}: {plan.Count} faults.");

        using var vendor = new Vendor(cluster.Gateway.Url);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // The database may be another run's too, and a run's own ids must be new there.
        var sending = new SteadyTraffic(vendor, $"r{options.Seed}x{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}", options.Seed)
        {
            PerSecond = options.Rate,
        }.SendAsync(stop.Token, giveUp.Token);
        var struck = await PlanRunner.RunAsync(cluster, plan, TimeSpan.FromSeconds(options.Seconds), progress, cancellationToken);
        await progress.WriteLineAsync("Healing ...");
        var died = cluster.Died();
        await cluster.HealAsync(cancellationToken);
        await stop.CancelAsync();
        giveUp.CancelAfter(AcceptPatience);
        var stuck = await AcceptedAsync(sending, cancellationToken);
        await progress.WriteLineAsync("Waiting until nothing is left to do ...");
        var left = await Drain.WaitAsync(cluster.Database, DrainPatience, cancellationToken);

        await progress.WriteLineAsync("Checking ...");
        var found = await RunCheck.RunAsync(cluster, vendor.Sent, isDrained: left is null, cancellationToken);
        var report = new RunReport
        {
            Options = options,
            Found = found,
            Struck = await Recovery.MeasureAsync(cluster.Database, struck, cancellationToken),
            Sent = vendor.Sent,
            Others = [.. new[] { stuck, left, Refusals(vendor) }.OfType<string>(), .. died],
            Took = TimeProvider.System.GetElapsedTime(began),
        };
        if (!report.IsClean)
        {
            cluster.KeepFolder();
            await progress.WriteLineAsync($"Logs and data are kept in {cluster.Folder}");
        }

        return report;
    }

    private static List<Fault> Possible(FaultCluster cluster, IReadOnlyList<Fault> kinds, TextWriter progress)
    {
        foreach (var kind in kinds)
        {
            if (kind.ObstacleIn(cluster) is { } obstacle)
                progress.WriteLine($"Without {kind.Name}: {obstacle}.");
        }

        return [.. kinds.Where(kind => kind.ObstacleIn(cluster) is null)];
    }

    private static async Task<string?> AcceptedAsync(Task sending, CancellationToken cancellationToken)
    {
        try
        {
            await sending;
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"Deliveries still weren't accepted {AcceptPatience.TotalSeconds:0} s after everything was healed.";
        }
    }

    private static string? Refusals(Vendor vendor)
    {
        var strange = vendor.Sent.Where(one => one.Status is not (null or 202 or 503)).GroupBy(one => one.Status)
            .Select(status => $"{status.Count()} answers {status.Key}").ToList();
        if (vendor.RefusedWithoutWait > 0)
            strange.Add($"{vendor.RefusedWithoutWait} answers 503 without Retry-After");
        return strange.Count == 0 ? null : $"The gateway gave {string.Join(", ", strange)}.";
    }
}
