using CrmGrains.Benchmarks.Load;
using CrmGrains.Benchmarks.Servers;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>The benchmarks that send and measure: at full speed or at a rate, one subject beside another.</summary>
internal sealed class Speeds(RunOptions options, Rounds rounds)
{
    private const double HotKeyBar = 0.60;
    private const double ManyKeysBar = 0.70;
    private static readonly int[] SiloCounts = [1, 2, 4];

    private string Asked => $"--runs {options.Runs} --seconds {options.Seconds} --connections {options.Connections}";

    /// <summary>Everybody at full speed.</summary>
    public async Task<Section> ThroughputAsync(CancellationToken cancellationToken)
    {
        var contenders = options.Only.Count > 0 ? options.Only : Enum.GetValues<Contender>();
        var medians = await rounds.RunAsync([.. contenders.Select(Subject.Of)], cancellationToken);
        var section = new Section($"throughput {Asked}").Line($"Everybody at full speed:").Speeds(medians);
        if (medians.FirstOrDefault(one => one.Subject.Contender == Contender.CrmGrains) is not { } ours)
            return section;
        section.Figure("events_per_s", ours.EventsPerSecond, 0).Figures(ours).Line($"");
        foreach (var other in medians.Where(one => one != ours))
        {
            section.Figure($"baseline_{NameOf(other.Subject.Contender)}_events_per_s", other.EventsPerSecond, 0)
                .Line($"- {ours.EventsPerSecond / other.EventsPerSecond:0.00} times: {other.Subject.Name}{GoalOf(other.Subject.Contender)}");
        }

        section.Line($"- goals of CrmGrains: at least 10,000 events/s, better 15,000; at most 0.2 s of CPU per 1,000; under 300 MiB");

        return section;
    }

    /// <summary>CrmGrains at steady rates.</summary>
    public async Task<Section> RateAsync(IReadOnlyList<double> rates, CancellationToken cancellationToken)
    {
        var medians = await rounds.RunAsync(
            [.. rates.Select(rate => new Subject(FormattableString.Invariant($"{rate:N0} requests/s")) { PerSecond = rate })], cancellationToken);
        return new Section($"rate {string.Join(", ", rates)} {Asked}").Line($"At a steady rate:").Speeds(medians).Line($"")
            .Line($"Goals: at 200 requests/s ack p99 at most 5 ms, POST to ledger p50 at most 3 and p99 at most 12 ms; at 2,000 ack p99 at most 20 ms.")
            .Figure("rate_per_s", rates[0]).Figure("events_per_s", medians[0].EventsPerSecond, 1).Figures(medians[0]);
    }

    /// <summary>Half of all events on one customer.</summary>
    public Task<Section> HotKeyAsync(CancellationToken cancellationToken) => ComparedAsync(
        $"hot-key {Asked}", "Half of all events on one customer:", HotKeyBar,
        new Subject("hot key") { Population = Population.Uniform with { HasHotCustomer = true } }, cancellationToken);

    /// <summary>As many customers as were asked for, all of them known beforehand.</summary>
    public async Task<Section> ManyKeysAsync(CancellationToken cancellationToken)
    {
        var section = await ComparedAsync(
            $"many-keys --keys {options.Keys} {Asked}",
            FormattableString.Invariant($"{options.Keys:N0} customers, each of them in the database before the first event; no event's customer is in a cache:"),
            ManyKeysBar,
            new Subject("many keys") { Population = new Population(options.Keys, HasHotCustomer: false), IsPreloaded = true },
            cancellationToken);
        section.Json["keys"] = options.Keys;
        return section;
    }

    /// <summary>Silos apart from the gateway, on the same cores.</summary>
    public async Task<Section> SilosAsync(CancellationToken cancellationToken)
    {
        var medians = await rounds.RunAsync(
            [.. SiloCounts.Select(count => new Subject(count == 1 ? "1 silo" : $"{count} silos") { Silos = count })], cancellationToken);
        var section = new Section($"silos {Asked}").Line($"Silo processes beside one gateway, at full speed:").Speeds(medians).Line($"");
        foreach (var one in medians)
        {
            section.Figure($"silos_{one.Subject.Silos}_events_per_s", one.EventsPerSecond, 0);
            if (one == medians[0])
                continue;
            section.Figure($"silos_{one.Subject.Silos}_of_1", one.EventsPerSecond / medians[0].EventsPerSecond)
                .Line($"- {one.Subject.Name}: {one.EventsPerSecond / medians[0].EventsPerSecond:0.00} of the throughput of 1 (goal: no loss)");
        }

        return section.Figure("peak_mib", medians.Max(one => one.PeakMib), 0);
    }

    private async Task<Section> ComparedAsync(
        string command, string title, double bar, Subject subject, CancellationToken cancellationToken)
    {
        var medians = await rounds.RunAsync([new Subject("uniform"), subject], cancellationToken);
        var ratio = medians[1].EventsPerSecond / medians[0].EventsPerSecond;
        return new Section(command).Line($"{title}").Speeds(medians).Line($"")
            .Line($"- {ratio:0.00} of the uniform throughput (goal: at least {bar:0.00})")
            .Figure("events_per_s", medians[1].EventsPerSecond, 0)
            .Figure("uniform_events_per_s", medians[0].EventsPerSecond, 0)
            .Figure("of_uniform", ratio)
            .Figures(medians[1]);
    }

    private static string GoalOf(Contender contender) => contender switch
    {
        Contender.Dapper => " (goal: 4)",
        Contender.Function => " (goal: 2)",
        _ => "",
    };

    private static string NameOf(Contender contender) => contender switch
    {
        Contender.CrmGrains => "crmgrains",
        Contender.Dapper => "dapper",
        Contender.DapperTuned => "dapper_tuned",
        _ => "function",
    };
}
