using System.Collections.Concurrent;
using CrmGrains.Connectors;
using CrmGrains.Core.Commands;

namespace CrmGrains.IntegrationTests.Outbox;

/// <summary>A CRM that answers as the test says and keeps what it was asked.</summary>
internal sealed class ScriptedCrm : IConnector
{
    private int _ids = 1000;
    private int _probes;

    /// <summary>What becomes of a write; null: nothing is said about it.</summary>
    public Func<Write, WriteOutcome?>? Answer { get; set; }

    /// <summary>Runs before a batch is answered.</summary>
    public Func<IReadOnlyList<Write>, CancellationToken, Task>? Meanwhile { get; set; }

    /// <summary>What a probe finds, by its number from 1.</summary>
    public Func<int, string?> ProbeFinds { get; set; } = _ => null;

    public ConcurrentQueue<IReadOnlyList<Write>> Batches { get; } = [];

    public IEnumerable<Write> Writes => Batches.SelectMany(batch => batch);

    public int BatchLimit(string commandObject) => 100;

    public IReadOnlyList<QuotaLeft> Quotas { get; set; } = [];

    public async Task<IReadOnlyList<WriteOutcome>> WriteAsync(
        IReadOnlyList<Write> batch, ICallLog calls, CancellationToken cancellationToken)
    {
        Batches.Enqueue(batch);
        if (Meanwhile is not null)
            await Meanwhile(batch, cancellationToken);
        var outcomes = batch.Select(write => Answer is null ? Succeeded(write) : Answer(write)).OfType<WriteOutcome>().ToList();
        var isWhole = outcomes.All(outcome => outcome is WriteOutcome.Succeeded);
        calls.Add(Call("/batch", isWhole ? "succeeded" : "partial", [.. batch.Select(write => write.EffectKey)]));
        return [.. outcomes.AsEnumerable().Reverse()];
    }

    public Task<string?> ProbeAsync(ICallLog calls, CancellationToken cancellationToken)
    {
        var found = ProbeFinds(Interlocked.Increment(ref _probes));
        calls.Add(Call("/probe", found is null ? "succeeded" : "alert_operator", []));
        return Task.FromResult(found);
    }

    public int Probes => _probes;

    public WriteOutcome Succeeded(Write write) =>
        new WriteOutcome.Succeeded(
            write.Command is CrmCommand.Associate ? null : write.CrmId ?? $"crm-{Interlocked.Increment(ref _ids)}",
            write.CrmId is null ? "created" : "updated", OwnerStatus: null, Response: $"response of {write.EffectKey}")
        { EffectKey = write.EffectKey };

    public static WriteOutcome Retryable(Write write, bool isUncertain = false) =>
        new WriteOutcome.Retryable("server_error", "HTTP 500 \0", RetryAfter: null, isUncertain) { EffectKey = write.EffectKey };

    public static WriteOutcome Refused(Write write) =>
        new WriteOutcome.ManualReview("invalid_enum", "No such option.") { EffectKey = write.EffectKey };

    public static WriteOutcome Gone(Write write) =>
        new WriteOutcome.ManualReview("object_not_found", "A record is gone.") { EffectKey = write.EffectKey };

    public static WriteOutcome Expired(Write write) =>
        new WriteOutcome.AlertOperator("expired_token", Detail: null) { EffectKey = write.EffectKey };

    private static CrmCall Call(string path, string outcome, IReadOnlyList<string> effectKeys) => new()
    {
        Method = "POST",
        Path = path,
        Request = "{}",
        Status = 200,
        Response = "{}\0",
        Outcome = outcome,
        BeganAt = TimeProvider.System.GetUtcNow(),
        Took = TimeSpan.FromMilliseconds(12),
        QuotaLeft = 77,
        EffectKeys = effectKeys,
    };
}
