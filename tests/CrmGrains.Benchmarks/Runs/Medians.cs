namespace CrmGrains.Benchmarks.Runs;

/// <summary>The runs of one subject and their medians.</summary>
internal sealed class Medians(Subject subject, IReadOnlyList<RunFigures> runs)
{
    public Subject Subject => subject;

    public IReadOnlyList<RunFigures> Runs => runs;

    public double EventsPerSecond => Of(run => run.EventsPerSecond);

    public double AckP50Ms => Of(run => run.AckP50Ms);

    public double AckP99Ms => Of(run => run.AckP99Ms);

    public double LedgerP50Ms => Of(run => run.LedgerP50Ms);

    public double LedgerP99Ms => Of(run => run.LedgerP99Ms);

    public double CpuSecondsPer1000 => Of(run => run.CpuSecondsPer1000);

    public double HostCpuPer1000 => Of(run => run.HostCpuPer1000);

    public double PostgresCpuPer1000 => Of(run => run.PostgresCpuPer1000);

    public double PeakMib => Of(run => run.Usage.HostPeakMib);

    public double PostgresPeakMib => Of(run => run.Usage.PostgresPeakMib);

    public double OtherCores => Of(run => run.Usage.OtherCores);

    /// <summary>Of the run in the middle.</summary>
    public string Limit => runs.OrderBy(run => run.EventsPerSecond).ElementAt((runs.Count - 1) / 2).Usage.Limit;

    public double Least => runs.Min(run => run.EventsPerSecond);

    public double Most => runs.Max(run => run.EventsPerSecond);

    /// <summary>The middle one; the lower of two.</summary>
    public double Of(Func<RunFigures, double> figure) => runs.Select(figure).Order().ElementAt((runs.Count - 1) / 2);
}
