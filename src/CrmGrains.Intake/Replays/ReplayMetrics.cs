using System.Diagnostics.Metrics;

namespace CrmGrains.Intake.Replays;

/// <summary>What replays do, for dashboards.</summary>
public sealed class ReplayMetrics
{
    private readonly Counter<long> _sent;
    private readonly Counter<long> _waited;

    /// <summary>The instruments.</summary>
    public ReplayMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CrmGrains.Intake");
        _sent = meter.CreateCounter<long>("replay_deliveries", description: "Deliveries that replays have put into their queues once more.");
        _waited = meter.CreateCounter<long>("replay_waits", description: "How often a replay let live messages go first.");
    }

    internal void Sent(long deliveries) => _sent.Add(deliveries);

    internal void Waited() => _waited.Add(1);
}
