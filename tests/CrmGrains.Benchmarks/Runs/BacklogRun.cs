using System.Globalization;
using CrmGrains.Benchmarks.Load;
using CrmGrains.Benchmarks.Measures;
using CrmGrains.Benchmarks.Servers;
using Npgsql;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>
/// A backlog drains while other events come in. It was queued through the gateway while no silo ran; then a silo starts, and from its first
/// turn on another source of the same workspace and one of another workspace send at a steady rate until nothing is left.
/// </summary>
internal sealed class BacklogRun(RunOptions options, MeasuredRun run, TextWriter output, TimeProvider time)
{
    private const double Bar = 250;
    private const double LivePerSecond = 100;  // each of the two
    private const int LiveConnections = 16;
    private const int MostRequests = 60_000;  // of each of the two: ten minutes' worth
    private const int LittleLeft = 50;

    private const string HasBegun = "SELECT min(written_at) FROM ledger WHERE written_at > $1";

    private const string IsDrained = """
        SELECT NOT EXISTS (SELECT FROM message m JOIN partition p ON p.id = m.partition WHERE p.workspace = 'bench' AND p.source = 'bench')
            AND (SELECT count(*) FROM (SELECT FROM message LIMIT $1 + 1) m) <= $1
        """;

    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public async Task<Section> RunAsync(CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string>();
        await using var installation = await Installation.StartApartAsync("gateway", settings, time, cancellationToken);
        var generator = new Generator(installation.Address, options.Connections, time);

        // A silo that runs first warms the gateway up and shows which lock the account has; the backlog waits for another one.
        var first = installation.Add("silo");
        await first.ReadyAsync(cancellationToken);
        await installation.HoldAccountAsync(cancellationToken);
        await run.WarmUpAsync(generator, Population.Uniform, cancellationToken);
        await LedgerCheck.DrainedAsync(installation, time, cancellationToken);
        await installation.RemoveAsync(first);

        var deliveries = run.Prepare(Deliveries.SendsFor(options.Events), Population.Uniform);
        var queued = await generator.AtFullSpeedAsync(deliveries, TimeSpan.MaxValue, cancellationToken);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"backlog: {deliveries.Events:N0} events queued in {(time.GetUtcNow() - queued.StartAt).TotalSeconds:0.0} s; a silo starts"));

        var (toSame, toOther) = (Prepare(Hook.Live), Prepare(Hook.Neighbor));
        var startedAt = time.GetUtcNow();
        await installation.Add("silo").ReadyAsync(cancellationToken);
        var beganAt = await BegunAsync(installation.Database, startedAt, cancellationToken);
        var usage = new Usage(installation, time);
        var live = new Generator(installation.Address, LiveConnections, time);
        using var drained = new CancellationTokenSource();
        var same = live.AtRateAsync(toSame, LivePerSecond, drained.Token, cancellationToken);
        var other = live.AtRateAsync(toOther, LivePerSecond, drained.Token, cancellationToken);
        await DrainedAsync(installation, cancellationToken);
        await drained.CancelAsync();
        var (sameSent, otherSent) = (await same, await other);
        await LedgerCheck.DrainedAsync(installation, time, cancellationToken);
        var cost = usage.End();

        var database = installation.Database;
        var backlog = await LedgerCheck.ReadAsync(database, queued, cancellationToken);
        var sameRead = await LedgerCheck.ReadAsync(database, sameSent, cancellationToken);
        var otherRead = await LedgerCheck.ReadAsync(database, otherSent, cancellationToken);
        return Report(backlog, backlog.LastAt - beganAt, (sameSent, sameRead), (otherSent, otherRead), cost);
    }

    private Section Report(
        LedgerReport backlog, TimeSpan took, (SentDeliveries Sent, LedgerReport Ledger) same,
        (SentDeliveries Sent, LedgerReport Ledger) other, UsageReport cost)
    {
        var all = Latencies.Of([same.Ledger.Latency, other.Ledger.Latency]);
        var section = new Section($"backlog --events {options.Events} --connections {options.Connections}");
        section.Line($"{backlog.Events:N0} queued events drain, while {2 * LivePerSecond:0} live events a second come in, half from another source of the workspace, half from another workspace:")
            .Table("", "figure", "goal", "limit")
            .Line($"| drained in, from the silo's first turn | {took.TotalSeconds:0.0} s, {backlog.Events / took.TotalSeconds:N0} events/s | | {cost.Limit} |")
            .Line($"| live, POST to ledger p50 / p99 / longest | {all.P50:0.0} / {all.P99:0.0} / {all.Max:0} ms of {all.Count:N0} events | p99 under {Bar:0} ms | their turn in the batches |")
            .Line($"| of another source of the workspace | {same.Ledger.Latency.P50:0.0} / {same.Ledger.Latency.P99:0.0} ms | | |")
            .Line($"| of another workspace | {other.Ledger.Latency.P50:0.0} / {other.Ledger.Latency.P99:0.0} ms | | |")
            .Line($"| peak MiB of the silo or gateway, of PostgreSQL | {cost.HostPeakMib:0}, {cost.PostgresPeakMib:0} | 300 a process | |");
        return section
            .Figure("events", backlog.Events, 0).Figure("drain_s", took.TotalSeconds, 1)
            .Figure("drain_events_per_s", backlog.Events / took.TotalSeconds, 0)
            .Figure("live_events", all.Count, 0)
            .Figure("ledger_p50_ms", all.P50).Figure("ledger_p99_ms", all.P99).Figure("ledger_max_ms", all.Max)
            .Figure("same_workspace_ledger_p50_ms", same.Ledger.Latency.P50).Figure("same_workspace_ledger_p99_ms", same.Ledger.Latency.P99)
            .Figure("other_workspace_ledger_p50_ms", other.Ledger.Latency.P50)
            .Figure("other_workspace_ledger_p99_ms", other.Ledger.Latency.P99)
            .Figure("refused", same.Sent.Refused + other.Sent.Refused, 0)
            .Figure("peak_mib", cost.HostPeakMib, 0).Figure("other_cores", cost.OtherCores);
    }

    private Deliveries Prepare(Hook hook) => run.Prepare(MostRequests, Population.Uniform, hook);

    private async Task<DateTimeOffset> BegunAsync(NpgsqlDataSource database, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            await using (var command = database.CreateCommand(HasBegun))
            {
                command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = since.UtcDateTime });
                if (await command.ExecuteScalarAsync(cancellationToken) is DateTime at)
                    return new DateTimeOffset(at);
            }

            if (time.GetElapsedTime(began) > Patience)
                throw new BenchmarkException("The silo never had a turn.");
            await Task.Delay(PollEvery, time, cancellationToken);
        }
    }

    private async Task DrainedAsync(Installation installation, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        await using var command = installation.Database.CreateCommand(IsDrained);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = LittleLeft });
        while (await command.ExecuteScalarAsync(cancellationToken) is not true)
        {
            if (time.GetElapsedTime(began) > Patience)
                throw new BenchmarkException($"The backlog hadn't drained after {Patience}.\n{installation.Output()}");
            await Task.Delay(PollEvery, time, cancellationToken);
        }
    }
}
