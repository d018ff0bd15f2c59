using System.Diagnostics.Metrics;

namespace CrmGrains.Intake.Silence;

/// <summary>How long a source hasn't sent, and whether that is too long.</summary>
internal sealed record SourceSilence(string Workspace, string Source, double Seconds, bool IsTooLong);

/// <summary>Silence by source, for dashboards and alerts. Every silo measures the same.</summary>
public sealed class SilenceMetrics
{
    private IReadOnlyList<SourceSilence> _sources = [];

    /// <summary>The instruments.</summary>
    public SilenceMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CrmGrains.Intake");
        meter.CreateObservableGauge(
            "source_silent_seconds", () => Measure(source => source.Seconds), "s", "How long ago a source's last delivery came.");
        meter.CreateObservableGauge(
            "source_silent", () => Measure(source => source.IsTooLong ? 1 : 0), description: "1 where that is longer than usual or expected.");
    }

    internal void Measured(IReadOnlyList<SourceSilence> sources) => Volatile.Write(ref _sources, sources);

    private IEnumerable<Measurement<double>> Measure(Func<SourceSilence, double> value) => Volatile.Read(ref _sources).Select(source =>
        new Measurement<double>(value(source), new KeyValuePair<string, object?>("workspace", source.Workspace), new("source", source.Source)));
}
