using CrmGrains.Connectors.Limits;
using CrmGrains.Connectors.Outbox;
using CrmGrains.Core.Configuration;
using Microsoft.Extensions.Logging;

namespace CrmGrains.Connectors.Channels;

/// <summary>
/// One channel, as the outbox sees it: keeps to its limit and sees to it that every command gets an outcome. Where it leads is its
/// delivery's business.
/// </summary>
internal sealed class ChannelConnector(
    ChannelConfiguration channel, IDelivery delivery, ChannelsOptions options, TimeProvider time, ILogger logger) : IConnector, IDisposable
{
    private readonly Limiter _limiter = new(TokenBucket.For(channel.Limit), time);

    /// <inheritdoc/>
    public IReadOnlyList<string> Objects => OutboxObjects.OfChannels;

    /// <inheritdoc/>
    public IReadOnlyList<QuotaLeft> Quotas => [new("general", _limiter.Left)];

    /// <inheritdoc/>
    public int BatchLimit(string commandObject) => delivery.AtOnce;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WriteOutcome>> WriteAsync(
        IReadOnlyList<Write> batch, ICallLog calls, CancellationToken cancellationToken) =>
        await Task.WhenAll(batch.Select(write => WriteAsync(write, calls, cancellationToken)));

    /// <inheritdoc/>
    public async Task<string?> ProbeAsync(ICallLog calls, CancellationToken cancellationToken) =>
        await _limiter.WaitAsync(options.LongestWait, cancellationToken) is null
            ? await delivery.ProbeAsync(calls, cancellationToken)
            : "rate_limited";

    public void Dispose()
    {
        _limiter.Dispose();
        (delivery as IDisposable)?.Dispose();
    }

    private async Task<WriteOutcome> WriteAsync(Write write, ICallLog calls, CancellationToken cancellationToken)
    {
        if (write.Command.Object != delivery.Object)
            return new Verdict.Refused(
                "wrong_channel", $"The channel {channel.Name} is of kind {channel.Kind} and carries no {write.Command.Object}. Name another one.")
                .For(write.EffectKey);
        if (await _limiter.WaitAsync(options.LongestWait, cancellationToken) is { } closedFor)
            return new Verdict.Later("rate_limited", "The channel is closed for now.") { RetryAfter = closedFor, IsAccountClosed = true }
                .For(write.EffectKey);
        try
        {
            var outcome = await delivery.DeliverAsync(write, calls, cancellationToken);
            if (outcome is WriteOutcome.Retryable { Error: "rate_limited", RetryAfter: { } after })
                _limiter.CloseFor(after);
            return outcome;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            ChannelLog.Broke(logger, channel.Name, channel.Kind, failure);
            return new WriteOutcome.Unknown($"The connector failed: {failure.GetType().Name}.", IsUncertain: true) { EffectKey = write.EffectKey };
        }
    }
}
