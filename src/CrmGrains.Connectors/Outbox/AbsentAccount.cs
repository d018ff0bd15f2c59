using CrmGrains.Core.Commands;

namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// Stands in for an account that the workspace's configuration doesn't have, or no longer: a command for it would wait for ever and nobody
/// would know. Each goes to a person, with what to configure; it is carried out when it is opened again once that is done.
/// </summary>
internal sealed class AbsentAccount(string account) : IConnector
{
    /// <summary>The error that a command ends with.</summary>
    public const string Error = "not_configured";

    /// <summary>As metrics name the kind.</summary>
    public const string Kind = "absent";

    /// <inheritdoc/>
    public IReadOnlyList<string> Objects => OutboxObjects.All;

    /// <inheritdoc/>
    public int BatchLimit(string commandObject) => 100;

    /// <inheritdoc/>
    public Task<IReadOnlyList<WriteOutcome>> WriteAsync(IReadOnlyList<Write> batch, ICallLog calls, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<WriteOutcome>>(
            [.. batch.Select(write => new WriteOutcome.ManualReview(Error, Advice()) { EffectKey = write.EffectKey })]);

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
