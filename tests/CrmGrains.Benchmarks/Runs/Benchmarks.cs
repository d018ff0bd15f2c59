using System.Globalization;
using CrmGrains.Benchmarks.Servers;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>The benchmarks by name. Contenders take turns within each round, so that what else the machine does hits them alike.</summary>
internal sealed class Benchmarks(RunOptions options, TextWriter output, TimeProvider time)
{
    private readonly MeasuredRun _run = new(options, time);

    /// <summary>Everybody at full speed; one of medians for each contender.</summary>
    public Task<IReadOnlyList<Medians>> ThroughputAsync(IReadOnlyList<Contender> contenders, CancellationToken cancellationToken) =>
        RoundsAsync(contenders, contender => _run.AtFullSpeedAsync(contender, cancellationToken));

    /// <summary>CrmGrains at a steady rate.</summary>
    public async Task<Medians> RateAsync(double perSecond, CancellationToken cancellationToken) =>
        (await RoundsAsync([Contender.CrmGrains], contender => _run.AtRateAsync(contender, perSecond, cancellationToken)))[0];

    private async Task<IReadOnlyList<Medians>> RoundsAsync(IReadOnlyList<Contender> contenders, Func<Contender, Task<RunFigures>> run)
    {
        var runs = contenders.ToDictionary(contender => contender, _ => new List<RunFigures>());
        for (var round = 1; round <= options.Runs; round++)
        {
            foreach (var contender in contenders)
            {
                var figures = await run(contender);
                runs[contender].Add(figures);
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                    $"{round}/{options.Runs} {contender,-9} {figures.EventsPerSecond,8:N0} events/s ({figures.DeliveriesPerSecond:N0} deliveries/s, {figures.Events:N0} events, {figures.Refused} refused, {figures.CommandsPerEvent:0.00} commands/event)  ack p50 {figures.AckP50Ms:0.0} p99 {figures.AckP99Ms:0.0} ms  ledger p50 {figures.LedgerP50Ms:0.0} p99 {figures.LedgerP99Ms:0.0} ms  CPU {figures.CpuSecondsPer1000:0.000} s/1,000 (host {figures.Usage.HostCpu:0.0} s, PostgreSQL {figures.Usage.PostgresCpu:0.0} s, generator {figures.Usage.GeneratorCpu:0.0} s, others {figures.Usage.OtherCores:0.00} cores)  peak {figures.Usage.HostPeakMib:0} MiB + PostgreSQL {figures.Usage.PostgresPeakMib:0} MiB"));
            }
        }

        return [.. contenders.Select(contender => new Medians(contender, runs[contender]))];
    }
}
