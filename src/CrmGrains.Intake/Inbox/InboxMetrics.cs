using System.Diagnostics.Metrics;

namespace CrmGrains.Intake.Inbox;

/// <summary>What the inbox does, for dashboards.</summary>
public sealed class InboxMetrics
{
    private readonly Histogram<double> _commit;
    private readonly Histogram<long> _batch;
    private readonly Counter<long> _failed;

    /// <summary>The instruments.</summary>
    public InboxMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CrmGrains.Intake");
        _commit = meter.CreateHistogram<double>("inbox_commit_seconds", "s", "Storing and committing deliveries that share a commit.");
        _batch = meter.CreateHistogram<long>("inbox_batch_messages", description: "Deliveries that shared a commit.");
        _failed = meter.CreateCounter<long>("deliveries_not_stored", description: "Deliveries answered 503 because they weren't stored.");
    }

    internal void Committed(int deliveries, TimeSpan took)
    {
        _batch.Record(deliveries);
        _commit.Record(took.TotalSeconds);
    }

    internal void Failed(int deliveries) => _failed.Add(deliveries);
}
