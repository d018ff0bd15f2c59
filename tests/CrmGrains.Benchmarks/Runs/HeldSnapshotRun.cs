using System.Globalization;
using System.Text.Json.Nodes;
using CrmGrains.Benchmarks.Load;
using CrmGrains.Benchmarks.Measures;
using CrmGrains.Benchmarks.Servers;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>
/// Full speed while another session holds a transaction open, and without it: no row that the engine deletes can be cleaned away as long as
/// it is open, so a queue that scans what it has deleted grows slower with every event.
/// </summary>
internal sealed class HeldSnapshotRun(RunOptions options, MeasuredRun run, TextWriter output, TimeProvider time)
{
    private const double Bar = 0.80;
    private const int FewestIntervals = 12;

    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(10);

    private TimeSpan Length => TimeSpan.FromMinutes(options.Minutes);

    private int Intervals => (int)Math.Max(FewestIntervals, Math.Ceiling(Length / LongestInterval));

    /// <summary>Runs with and without take turns; the curves are medians, interval by interval.</summary>
    public async Task<Section> RunAsync(CancellationToken cancellationToken)
    {
        var curves = new[] { Hold.Nothing }.Concat(options.Holds).Distinct().ToDictionary(hold => hold, _ => new List<HeldRun>());
        for (var round = 1; round <= options.Runs; round++)
        {
            foreach (var (hold, runs) in curves)
            {
                runs.Add(await RunAsync(hold, cancellationToken));
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                    $"{round}/{options.Runs} {NameOf(hold)}: {string.Join(' ', runs[^1].Curve.PerSecond.Select(speed => speed.ToString("0", CultureInfo.InvariantCulture)))} events/s"));
            }
        }

        var medians = curves.ToDictionary(pair => NameOf(pair.Key), pair => Curve.MedianOf(pair.Value.ConvertAll(held => held.Curve)));
        if (!options.IsQuick)
            await CurvePicture.WriteAsync(medians, ReadmeTable.PathOf(CurvePicture.FileName), cancellationToken);
        return Report(medians, curves.ToDictionary(pair => NameOf(pair.Key), pair => pair.Value));
    }

    private async Task<HeldRun> RunAsync(Hold hold, CancellationToken cancellationToken)
    {
        await using var installation = await Installation.StartAsync(Contender.CrmGrains, time, cancellationToken);
        var generator = new Generator(installation.Address, options.Connections, time);
        var acknowledged = Acknowledged(await run.WarmUpAsync(generator, Population.Uniform, cancellationToken));
        await LedgerCheck.DrainedAsync(installation, time, cancellationToken);

        await using var held = await HeldTransaction.OpenAsync(installation.Database, hold, cancellationToken);
        var usage = new Usage(installation, time);
        var beganAt = time.GetUtcNow();
        var interval = Length / Intervals;
        // Each interval's deliveries are rendered as they are needed and forgotten with it: the generator stays as small as at the beginning.
        for (var left = Length; left > TimeSpan.Zero; left = beganAt + Length - time.GetUtcNow())
        {
            var part = left < interval ? left : interval;
            acknowledged += Acknowledged(await generator.AtFullSpeedAsync(run.PrepareLazily(part), part, cancellationToken));
        }

        var cost = usage.End();
        await LedgerCheck.DrainedAsync(installation, time, cancellationToken);
        await held.ReleaseAsync(cancellationToken);
        await LedgerCheck.CountAsync(installation.Database, acknowledged, cancellationToken);
        return new HeldRun(await Curve.ReadAsync(installation.Database, beganAt, interval, Intervals, cancellationToken), cost);
    }

    private static long Acknowledged(SentDeliveries sent) => sent.Refused == 0
        ? sent.BegunByEvent().Count
        : throw new BenchmarkException($"{sent.Refused} requests were refused, so it can't be counted what is missing.");

    private Section Report(Dictionary<string, Curve> curves, Dictionary<string, List<HeldRun>> runs)
    {
        var without = curves[NameOf(Hold.Nothing)];
        var section = new Section(string.Create(CultureInfo.InvariantCulture,
            $"held-snapshot --minutes {options.Minutes} --runs {options.Runs} --connections {options.Connections}"));
        section.Line($"Full speed for {options.Minutes} minutes while another session holds a transaction open. Events a second by interval, from its beginning:")
            .Line($"").Line($"![Events a second with and without a held transaction]({CurvePicture.FileName})")
            .Table("held", "whole", "last third", "of nothing held, whole", FormattableString.Invariant($"last third (goal: {Bar:0.00})"),
                "CPU s per 1,000: host + PostgreSQL", "peak MiB: process, PostgreSQL", "from begin to end, each sign an interval", "limit");
        foreach (var (name, curve) in curves)
        {
            var middle = runs[name].OrderBy(held => held.Curve.Mean).ElementAt((runs[name].Count - 1) / 2);
            var (host, postgres) = (runs[name].Max(held => held.Usage.HostPeakMib), runs[name].Max(held => held.Usage.PostgresPeakMib));
            section.Figure($"{name}_cpu_s_per_1000", middle.HostPer1000 + middle.PostgresPer1000, 4);
            section.Line($"| {name} | {curve.Mean:N0} | {curve.LastThird:N0} | {curve.Mean / without.Mean:0.00} | {curve.LastThird / without.LastThird:0.00} | {middle.HostPer1000:0.000} + {middle.PostgresPer1000:0.000} | {host:0}, {postgres:0} | `{CurvePicture.Signs(curve, curves.Values)}` | {middle.Usage.Limit} |");
        }

        section.Figure("minutes", options.Minutes).Figure("interval_s", without.Interval.TotalSeconds)
            .Figure("events_per_s", without.Mean, 0).Figure("last_third_events_per_s", without.LastThird, 0)
            .Figure("peak_mib", runs.Values.SelectMany(held => held).Max(held => held.Usage.HostPeakMib), 0);
        foreach (var hold in options.Holds.Where(hold => hold != Hold.Nothing).Distinct())
        {
            var (key, curve) = (hold == Hold.Snapshot ? "snapshot" : "writer", curves[NameOf(hold)]);
            section.Figure($"{key}_events_per_s", curve.Mean, 0).Figure($"{key}_last_third_events_per_s", curve.LastThird, 0)
                .Figure($"{key}_of_nothing", curve.LastThird / without.LastThird);
        }

        foreach (var (name, curve) in curves)
        {
            section.Json[$"curve_{name}"] = new JsonArray([.. curve.PerSecond.Select(speed => (JsonNode?)Math.Round(speed))]);
        }

        return section;
    }

    private static string NameOf(Hold hold) => hold switch
    {
        Hold.Nothing => "nothing",
        Hold.Snapshot => "snapshot",
        _ => "writer",
    };

    private sealed record HeldRun(Curve Curve, UsageReport Usage)
    {
        public double HostPer1000 => 1_000 * Usage.HostCpu / Events;

        public double PostgresPer1000 => 1_000 * Usage.PostgresCpu / Events;

        private double Events => Curve.Mean * Curve.Interval.TotalSeconds * Curve.PerSecond.Count;
    }
}
