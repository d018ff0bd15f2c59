using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace CrmGrains.Connectors.Outbox;

/// <summary>What the outbox tells of itself. Accounts are named by the configuration, so their number is bounded by it.</summary>
internal sealed class OutboxMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Histogram<double> _attempt;
    private readonly Counter<long> _calls;
    private readonly Histogram<int> _batch;
    private readonly ConcurrentDictionary<string, AccountGauges> _accounts = new(StringComparer.Ordinal);

    public OutboxMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("CrmGrains.Connectors");
        _attempt = _meter.CreateHistogram<double>(
            "crm_attempt_seconds", "s", "Attempts at commands, by CRM, object and outcome; their count is the number of attempts.");
        _calls = _meter.CreateCounter<long>("crm_calls_total", "{call}", "Calls to CRMs, by CRM and outcome.");
        _batch = _meter.CreateHistogram<int>("crm_batch_commands", "{command}", "Commands that went out together, by CRM and object.");
        _meter.CreateObservableGauge(
            "crm_commands", Commands, "{command}", "Open commands by state; each account is counted up to 100,000.");
        _meter.CreateObservableGauge(
            "crm_oldest_command_seconds",
            () => _accounts.IsEmpty ? 0 : _accounts.Values.Max(account => account.Open.Oldest.TotalSeconds), "s",
            "The age of the oldest command that waits.");
        _meter.CreateObservableGauge(
            "crm_account_paused", Paused, "{account}", "1 where an account must not be used until a person has acted.");
        _meter.CreateObservableGauge(
            "crm_quota_left", Quotas, "{call}",
            "Calls that could be made at once, by account and limit: as configured, corrected by what the CRM says.");
    }

    /// <summary>This process holds the account from now on.</summary>
    public void Held(OutboxAccount account) => _accounts[account.Name] = new AccountGauges(account.Connector);

    /// <summary>Another process may hold the account; it counts there.</summary>
    public void GivenBack(string account) => _accounts.TryRemove(account, out _);

    public void Counted(string account, OpenCommands open)
    {
        if (_accounts.TryGetValue(account, out var gauges))
            gauges.Open = open;
    }

    public void Paused(string account, bool isPaused)
    {
        if (_accounts.TryGetValue(account, out var gauges))
            gauges.IsPaused = isPaused;
    }

    public void BatchLeft(string crm, string commandObject, int commands) =>
        _batch.Record(commands, new("crm", crm), new("object", commandObject));

    public void AttemptEnded(string crm, string commandObject, WriteOutcome outcome, TimeSpan took) =>
        _attempt.Record(took.TotalSeconds, new("crm", crm), new("object", commandObject), new("outcome", Name(outcome)));

    public void CallEnded(string crm, CrmCall call) => _calls.Add(1, new("crm", crm), new("outcome", call.Outcome));

    public void Dispose() => _meter.Dispose();

    private static string Name(WriteOutcome outcome) => outcome switch
    {
        WriteOutcome.Succeeded => "succeeded",
        WriteOutcome.Retryable => "retryable",
        WriteOutcome.ManualReview => "manual_review",
        WriteOutcome.AlertOperator => "alert_operator",
        _ => "unknown",
    };

    private IEnumerable<Measurement<long>> Commands() =>
    [
        new(_accounts.Values.Sum(account => account.Open.Waiting), new KeyValuePair<string, object?>("state", "waiting")),
        new(_accounts.Values.Sum(account => account.Open.Blocked), new KeyValuePair<string, object?>("state", "blocked")),
        new(_accounts.Values.Sum(account => account.Open.Sent), new KeyValuePair<string, object?>("state", "sent")),
    ];

    private IEnumerable<Measurement<int>> Paused() =>
        from account in _accounts
        select new Measurement<int>(account.Value.IsPaused ? 1 : 0, new KeyValuePair<string, object?>("account", account.Key));

    private IEnumerable<Measurement<int>> Quotas() =>
        from account in _accounts
        from quota in account.Value.Connector.Quotas
        select new Measurement<int>(
            quota.Calls,
            new KeyValuePair<string, object?>("account", account.Key), new KeyValuePair<string, object?>("limit", quota.Limit));

    // Written by one loop, read by whoever collects: each is one reference or word.
    private sealed class AccountGauges(IConnector connector)
    {
        public IConnector Connector => connector;

        public volatile OpenCommands Open = new(0, 0, 0, TimeSpan.Zero);
        public volatile bool IsPaused;
    }
}
