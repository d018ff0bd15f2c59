using System.Diagnostics.Metrics;

namespace CrmGrains.Host.Reviews;

/// <summary>How people answer, and what waits for them.</summary>
internal sealed class ReviewMetrics
{
    // People take minutes to days.
    private static readonly double[] Seconds = [10, 60, 300, 900, 3600, 4 * 3600, 8 * 3600, 24 * 3600, 3 * 24 * 3600, 7 * 24 * 3600];

    private readonly Histogram<double> _answer;
    private readonly Counter<long> _failures;
    private IReadOnlyList<WaitingReviews> _waiting = [];

    public ReviewMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CrmGrains.Reviews");
        _answer = meter.CreateHistogram(
            "review_answer_seconds", "s", "From opening an item to its answer, by answer; their count is the number of answers.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _failures = meter.CreateCounter<long>("review_clock_failures", description: "Rounds of expiring and waking items that failed.");
        meter.CreateObservableGauge(
            "review_open", () => _waiting.Select(group => new Measurement<long>(group.Count, Labels(group))),
            description: "Items that wait for a person, by reason and tier.");
        meter.CreateObservableGauge(
            "review_overdue", () => _waiting.Select(group => new Measurement<long>(group.Overdue, Labels(group))),
            description: "Those of them that should have been answered by now.");
        meter.CreateObservableGauge(
            "review_oldest_seconds", () => _waiting.Select(group => new Measurement<double>(group.Age, Labels(group))),
            "s", "How long the oldest of them has waited.");
    }

    public void Answered(string answer, TimeSpan took) => _answer.Record(took.TotalSeconds, new KeyValuePair<string, object?>("answer", answer));

    public void RoundFailed() => _failures.Add(1);

    public void Measured(IReadOnlyList<WaitingReviews> waiting) => _waiting = waiting;

    private static KeyValuePair<string, object?>[] Labels(WaitingReviews group) => [new("reason", group.Reason), new("tier", group.Tier)];
}

/// <summary>Items that wait.</summary>
internal sealed record WaitingReviews(string Reason, string Tier, long Count, long Overdue, double Age);
