using System.Diagnostics.Metrics;
using CrmGrains.Core.Decisions;
using CrmGrains.Runtime.Mailboxes;

namespace CrmGrains.Intake.Loop;

/// <summary>What intake does, for dashboards.</summary>
public sealed class IntakeMetrics
{
    private readonly Counter<long> _outcomes;
    private readonly Counter<long> _selected;
    private readonly Histogram<double> _normalize;

    /// <summary>The instruments.</summary>
    public IntakeMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CrmGrains.Intake");
        _outcomes = meter.CreateCounter<long>(
            "intake_outcomes", description: "Deliveries by what became of them: accepted, duplicate, rejected, ignored, noted, held, split, fetching, review, conflict, dead_lettered, kept_raw, dropped, replayed, purged.");
        _selected = meter.CreateCounter<long>(
            "intake_selected", description: "Events about which a rule of their source's `keep` decided, by class (act, context, raw, drop) and the rule's reason.");
        _normalize = meter.CreateHistogram<double>("intake_normalize_seconds", "s", "Reading and normalizing the deliveries of a batch, per delivery.");
    }

    internal void Normalized(int deliveries, TimeSpan took)
    {
        if (deliveries > 0)
            _normalize.Record(took.TotalSeconds / deliveries);
    }

    internal void Decided(string workspace, string outcome) => _outcomes.Add(1, new("workspace", workspace), new("outcome", outcome));

    internal void Selected(string workspace, string source, KeepRule rule) => _selected.Add(
        1, new("workspace", workspace), new("source", source), new("class", Word(rule.As)), new("reason", rule.Reason));

    private static string Word(KeepAs keep) => keep switch
    {
        KeepAs.Act => "act",
        KeepAs.Context => "context",
        KeepAs.Raw => "raw",
        _ => "drop",
    };

    internal void Accepted(IEnumerable<OutgoingMessage> messages)
    {
        foreach (var workspace in messages.CountBy(message => message.Workspace))
            _outcomes.Add(workspace.Value, new("workspace", workspace.Key), new("outcome", "accepted"));
    }
}
