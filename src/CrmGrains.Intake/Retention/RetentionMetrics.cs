using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace CrmGrains.Intake.Retention;

/// <summary>What is purged, and how old the oldest is that is still there, for dashboards.</summary>
public sealed class RetentionMetrics
{
    private readonly Counter<long> _purged;
    private readonly Counter<long> _failures;
    private readonly ConcurrentDictionary<(string Workspace, string Class), DateTimeOffset> _oldest = new();

    /// <summary>The instruments.</summary>
    public RetentionMetrics(IMeterFactory meters, TimeProvider time)
    {
        var meter = meters.Create("CrmGrains.Intake");
        _purged = meter.CreateCounter<long>("retention_purged", description: "Rows whose content was removed because it was kept long enough, by class.");
        _failures = meter.CreateCounter<long>("retention_failures", description: "Batches of purging that failed, by class.");
        meter.CreateObservableGauge(
            "retention_oldest_seconds",
            () => _oldest.Select(pair => new Measurement<double>(
                (time.GetUtcNow() - pair.Value).TotalSeconds, new("workspace", pair.Key.Workspace), new("class", pair.Key.Class))),
            "s", "The age of the oldest row that isn't purged yet, by class; known to the process that purges.");
    }

    internal void Purged(string workspace, string @class, long rows) => _purged.Add(rows, new("workspace", workspace), new("class", @class));

    internal void Failed(string workspace, string @class) => _failures.Add(1, new("workspace", workspace), new("class", @class));

    internal void Oldest(string workspace, string @class, DateTimeOffset? at)
    {
        if (at is { } known)
            _oldest[(workspace, @class)] = known;
        else
            _oldest.TryRemove((workspace, @class), out _);
    }
}
