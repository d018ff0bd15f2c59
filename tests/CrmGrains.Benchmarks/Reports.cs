using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmGrains.Benchmarks.Runs;
using CrmGrains.Benchmarks.Servers;

namespace CrmGrains.Benchmarks;

/// <summary>Runs benchmarks and prints what they showed.</summary>
internal static class Reports
{
    private static readonly double[] Rates = [200, 500, 2_000];

    public static async Task ThroughputAsync(
        IReadOnlyList<Contender> contenders, RunOptions options, TextWriter output, TimeProvider time, CancellationToken cancellationToken)
    {
        var medians = await new Runs.Benchmarks(options, output, time).ThroughputAsync(contenders, cancellationToken);
        var of = medians.ToDictionary(one => one.Contender);
        if (!of.TryGetValue(Contender.CrmGrains, out var ours))
            return;
        foreach (var other in medians.Where(one => one != ours))
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"CrmGrains {ours.EventsPerSecond:N0} events/s, {other.Contender} {other.EventsPerSecond:N0}: {ours.EventsPerSecond / other.EventsPerSecond:0.00} times."));
        }

        if (!options.IsJson)
            return;
        var figures = new JsonObject { ["events_per_s"] = Rounded(ours.EventsPerSecond, 0) };
        foreach (var other in medians.Where(one => one != ours))
            figures[$"baseline_{other.Contender.ToString().ToLowerInvariant()}_events_per_s"] = Rounded(other.EventsPerSecond, 0);
        await output.WriteLineAsync(Json(ours, figures));
    }

    public static async Task RateAsync(
        double perSecond, RunOptions options, TextWriter output, TimeProvider time, CancellationToken cancellationToken)
    {
        var ours = await new Runs.Benchmarks(options, output, time).RateAsync(perSecond, cancellationToken);
        if (options.IsJson)
            await output.WriteLineAsync(Json(ours, new() { ["rate_per_s"] = perSecond, ["events_per_s"] = Rounded(ours.EventsPerSecond, 1) }));
    }

    /// <summary>Everything, into the README.</summary>
    public static async Task AllAsync(RunOptions options, TextWriter output, TimeProvider time, CancellationToken cancellationToken)
    {
        var benchmarks = new Runs.Benchmarks(options, output, time);
        var throughput = await benchmarks.ThroughputAsync(Enum.GetValues<Contender>(), cancellationToken);
        var rates = new List<(double, Medians)>();
        foreach (var perSecond in Rates)
            rates.Add((perSecond, await benchmarks.RateAsync(perSecond, cancellationToken)));
        await ReadmeTable.WriteAsync(options, throughput, rates, time.GetUtcNow(), cancellationToken);
    }

    private static string Json(Medians ours, JsonObject figures)
    {
        figures["ack_p50_ms"] = Rounded(ours.AckP50Ms, 2);
        figures["ack_p99_ms"] = Rounded(ours.AckP99Ms, 2);
        figures["ledger_p50_ms"] = Rounded(ours.LedgerP50Ms, 2);
        figures["ledger_p99_ms"] = Rounded(ours.LedgerP99Ms, 2);
        figures["cpu_s_per_1000"] = Rounded(ours.CpuSecondsPer1000, 4);
        figures["peak_mib"] = Rounded(ours.PeakMib, 0);
        figures["postgres_peak_mib"] = Rounded(ours.PostgresPeakMib, 0);
        figures["other_cores"] = Rounded(ours.OtherCores, 2);
        return figures.ToJsonString(new JsonSerializerOptions { WriteIndented = false });
    }

    private static double Rounded(double figure, int digits) => Math.Round(figure, digits);
}
