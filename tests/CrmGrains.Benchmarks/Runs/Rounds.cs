using System.Globalization;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>Runs subjects in turns, so that what else the machine does hits them alike.</summary>
internal sealed class Rounds(RunOptions options, TextWriter output, TimeProvider time)
{
    /// <summary>What a run consists of.</summary>
    public MeasuredRun Run { get; } = new(options, time);

    /// <summary>One of medians for each subject, in order.</summary>
    public async Task<IReadOnlyList<Medians>> RunAsync(IReadOnlyList<Subject> subjects, CancellationToken cancellationToken)
    {
        var runs = subjects.ToDictionary(subject => subject, _ => new List<RunFigures>());
        for (var round = 1; round <= options.Runs; round++)
        {
            foreach (var subject in subjects)
            {
                var figures = await Run.RunAsync(subject, cancellationToken);
                runs[subject].Add(figures);
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                    $"{round}/{options.Runs} {subject.Name}: {figures.EventsPerSecond:N0} events/s ({figures.DeliveriesPerSecond:N0} deliveries/s, {figures.Events:N0} events, {figures.Refused} refused, {figures.CommandsPerEvent:0.00} commands/event)  ack p50 {figures.AckP50Ms:0.0} p99 {figures.AckP99Ms:0.0} ms  ledger p50 {figures.LedgerP50Ms:0.0} p99 {figures.LedgerP99Ms:0.0} ms  CPU {figures.CpuSecondsPer1000:0.000} s/1,000  peak {figures.Usage.HostPeakMib:0} MiB + PostgreSQL {figures.Usage.PostgresPeakMib:0} MiB  limit: {figures.Usage.Limit}"));
            }
        }

        return [.. subjects.Select(subject => new Medians(subject, runs[subject]))];
    }
}
