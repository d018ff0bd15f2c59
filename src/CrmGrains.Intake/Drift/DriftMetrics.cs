using System.Diagnostics.Metrics;

namespace CrmGrains.Intake.Drift;

/// <summary>What waits for a person or a mended map, by source.</summary>
internal sealed record DriftWaiting(string Workspace, string Source, long Alerts, long Held);

/// <summary>Changed shapes, for dashboards and alerts. Every silo measures the same.</summary>
public sealed class DriftMetrics
{
    private IReadOnlyList<DriftWaiting> _waiting = [];

    /// <summary>The instruments.</summary>
    public DriftMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CrmGrains.Intake");
        meter.CreateObservableGauge(
            "intake_drift_alerts", () => Measure(source => source.Alerts), description: "Open alerts about changed payloads, by source.");
        meter.CreateObservableGauge(
            "intake_drift_held", () => Measure(source => source.Held), description: "Deliveries held because their payload changed, by source.");
    }

    internal void Measured(IReadOnlyList<DriftWaiting> waiting) => Volatile.Write(ref _waiting, waiting);

    private IEnumerable<Measurement<long>> Measure(Func<DriftWaiting, long> count) => Volatile.Read(ref _waiting).Select(source =>
        new Measurement<long>(count(source), new KeyValuePair<string, object?>("workspace", source.Workspace), new("source", source.Source)));
}
