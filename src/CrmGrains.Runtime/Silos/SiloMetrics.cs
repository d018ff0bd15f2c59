using System.Diagnostics.Metrics;

namespace CrmGrains.Runtime.Silos;

/// <summary>What a silo does, for dashboards.</summary>
internal sealed class SiloMetrics
{
    private readonly Counter<long> _turns;
    private readonly Counter<long> _takenOver;
    private readonly Counter<long> _failed;
    private readonly Histogram<double> _batch;
    private readonly Histogram<double> _run;
    private readonly Histogram<double> _commit;
    private readonly Histogram<long> _messages;

    public SiloMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CrmGrains.Runtime");
        _turns = meter.CreateCounter<long>("turns", description: "Turns committed, by kind of message and outcome.");
        _takenOver = meter.CreateCounter<long>("partitions_taken_over", description: "Partitions that another silo had run last.");
        _failed = meter.CreateCounter<long>("batches_failed", description: "Batches rolled back, by whether the cause is transient.");
        _batch = meter.CreateHistogram<double>("batch_seconds", "s", "From claim to commit.");
        _run = meter.CreateHistogram<double>("turns_run_seconds", "s", "Running the turns of a batch, reading states included.");
        _commit = meter.CreateHistogram<double>("commit_seconds", "s", "Writing and committing a batch.");
        _messages = meter.CreateHistogram<long>("batch_messages", description: "Messages in a batch.");
    }

    public void BatchCommitted(int messages, TimeSpan ran, TimeSpan committed, TimeSpan whole)
    {
        _messages.Record(messages);
        _run.Record(ran.TotalSeconds);
        _commit.Record(committed.TotalSeconds);
        _batch.Record(whole.TotalSeconds);
    }

    public void TurnCommitted(string kind, string outcome) => _turns.Add(1, new("kind", kind), new("outcome", outcome));

    public void PartitionTakenOver() => _takenOver.Add(1);

    public void BatchFailed(bool isTransient) => _failed.Add(1, new KeyValuePair<string, object?>("transient", isTransient));
}
