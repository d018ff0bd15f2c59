using CrmGrains.Core.Commands;

namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// Stands in for an account that the workspace's configuration doesn't have, or no longer: a command for it would wait for ever and nobody
/// would know. Each goes to a person, with what to configure; it is carried out when it is opened again once that is done.
/// </summary>
/// <param name="isConfigured">Whether it came back since: then nobody has to be asked, its own connector takes over in a moment.</param>
internal sealed class AbsentAccount(string account, Func<bool> isConfigured) : IConnector
{
    /// <summary>As metrics name the kind.</summary>
    public const string Kind = "absent";

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public IReadOnlyList<string> Objects => OutboxObjects.All;

    /// <inheritdoc/>
    public int BatchLimit(string commandObject) => 100;

    /// <inheritdoc/>
    public Task<IReadOnlyList<WriteOutcome>> WriteAsync(IReadOnlyList<Write> batch, ICallLog calls, CancellationToken cancellationToken)
    {
        Func<Write, WriteOutcome> outcome = isConfigured()
            ? write => new WriteOutcome.Retryable(CommandError.NotConfigured, "It was configured a moment ago.", Moment, IsUncertain: false)
            {
                EffectKey = write.EffectKey, IsAccountClosed = true,
            }
            : write => new WriteOutcome.ManualReview(CommandError.NotConfigured, Advice()) { EffectKey = write.EffectKey };
        return Task.FromResult<IReadOnlyList<WriteOutcome>>([.. batch.Select(outcome)]);
    }

    /// <inheritdoc/>
    public Task<string?> ProbeAsync(ICallLog calls, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    private string Advice()
    {
        var (workspace, channel) = CommandAccount.Parse(account);
        return channel is null
            ? $"The workspace {workspace} has no CRM account {account}. Configure it under `crm`, then retry the command."
            : $"The workspace {workspace} has no channel {channel}. Configure it under `channels`, or name another one, then retry the command.";
    }
}
