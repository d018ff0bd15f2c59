using Npgsql;

namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// The outbox of one account: waits until nobody else holds the account, carries out its commands while it does, and starts over when it is
/// lost.
/// </summary>
internal sealed class AccountOutbox(OutboxAccount account, OutboxServices services)
{
    private static readonly Backoff Restarts = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

    private readonly OutboxBell _bell = new(services.Time);

    /// <summary>Commands may be waiting.</summary>
    public void Wake() => _bell.Wake();

    /// <summary>Commands may be waiting again that were read before.</summary>
    public void Sweep() => _bell.Sweep();

    /// <summary>Runs until it is stopped; whatever goes wrong is logged and tried again.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            var began = services.Time.GetTimestamp();
            try
            {
                if (await HoldAsync(stopping))
                    failures = 0;
                else
                    await PauseAsync(services.Options.PollInterval * (0.5 + services.Draw()), stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // After a good while it is another trouble: a process that runs for months must not wait longest from the fifth on.
                if (services.Time.GetElapsedTime(began) > Restarts.Ceiling)
                    failures = 0;
                var delay = Restarts.DelayOfHalfAtLeast(++failures, services.Draw());
                OutboxLog.Interrupted(services.Logger, account.Name, delay, e);
                await PauseAsync(delay, stopping);
            }
        }
    }

    /// <summary>Holds the account as long as it can.</summary>
    /// <returns>False where another process holds it.</returns>
    private async Task<bool> HoldAsync(CancellationToken stopping)
    {
        await using var session = await OutboxSession.TryOpenAsync(services.Database, account.Name, stopping);
        if (session is null)
            return false;
        services.Metrics.Held(account);
        try
        {
            await new Tenure(account, session, services, _bell).RunAsync(stopping);
            return true;
        }
        finally
        {
            services.Metrics.GivenBack(account.Name);
            OutboxLog.GaveBack(services.Logger, account.Name);
        }
    }

    private async Task PauseAsync(TimeSpan delay, CancellationToken stopping) =>
        await Task.Delay(delay, services.Time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

/// <summary>One account of a CRM, or one channel, that the outbox serves.</summary>
/// <param name="Name">As <see cref="CrmGrains.Core.Commands.CommandAccount"/> makes it: unique over all workspaces.</param>
/// <param name="Kind">Which CRM or kind of channel, as metrics name it: <c>hubspot</c>, <c>smtp</c>.</param>
/// <param name="Connector">
/// Carries out the writes. Another instance under the same name (its configuration changed) takes its place once the calls in flight are
/// booked.
/// </param>
public sealed record OutboxAccount(string Name, string Kind, IConnector Connector);
