using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// Carries out the commands of every CRM account that this process is configured for and that no other process holds. Each account takes
/// one connection for as long as it is held, so the data source's pool needs room for as many as there are accounts; and because the lock
/// belongs to the session, there must be no pooler between that hands one session to several clients.
/// </summary>
public sealed class CrmOutbox : BackgroundService
{
    private readonly Func<IReadOnlyList<OutboxAccount>> _accounts;
    private readonly OutboxServices _services;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Running> _running = new(StringComparer.Ordinal);

    /// <param name="database">Where the commands are.</param>
    /// <param name="accounts">
    /// Asked at every poll, so accounts come, go and change while it runs. The same account must be the same <see cref="IConnector"/> each time.
    /// </param>
    /// <param name="options">Already validated.</param>
    /// <param name="silo">This process, for whoever looks who holds an account.</param>
    /// <param name="mailboxesFilled">
    /// Told the partitions whose mailboxes got messages, after their commit, on the account's own loop: must return at once.
    /// </param>
    /// <param name="time">For all waits; due times are judged by the database's clock.</param>
    /// <param name="draw">From 0 to 1, for jitter; called from several threads.</param>
    public CrmOutbox(
        NpgsqlDataSource database,
        Func<IReadOnlyList<OutboxAccount>> accounts,
        OutboxOptions options,
        Guid silo,
        Action<IReadOnlyCollection<int>> mailboxesFilled,
        TimeProvider time,
        Func<double> draw,
        ILoggerFactory loggers,
        IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        ArgumentNullException.ThrowIfNull(meters);
        _accounts = accounts;
        _services = new OutboxServices(
            database, options, silo, mailboxesFilled, time, draw, loggers.CreateLogger("CrmGrains.Connectors.Outbox"),
            new OutboxMetrics(meters));
    }

    /// <summary>Commands were committed. Cheap, from any thread; without it they are found by the next poll.</summary>
    public void Wake() => ForEach(outbox => outbox.Wake());

    /// <summary>Commands were opened again that had ended or were read before. Without it they are found by the next sweep.</summary>
    public void Sweep() => ForEach(outbox => outbox.Sweep());

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _services.Metrics.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Reconcile(_accounts(), stoppingToken);
            }
            catch (Exception e)
            {
                OutboxLog.AccountsUnreadable(_services.Logger, e);
            }

            await Task.Delay(_services.Options.PollInterval, _services.Time, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        List<Running> ending;
        lock (_lock)
            ending = [.. _running.Values];
        await Task.WhenAll(ending.Select(running => running.Ended));
        ending.ForEach(running => running.Stop.Dispose());
    }

    /// <summary>
    /// Starts what is configured and doesn't run; stops what runs and is configured no more, or otherwise: its successor starts once it has
    /// ended.
    /// </summary>
    private void Reconcile(IReadOnlyList<OutboxAccount> accounts, CancellationToken stoppingToken)
    {
        lock (_lock)
        {
            foreach (var (name, running) in _running.ToList())
            {
                if (running.Ended.IsCompleted)
                {
                    _running.Remove(name);
                    running.Stop.Dispose();
                }
                else if (!accounts.Any(account => account.Name == name && ReferenceEquals(account.Connector, running.Connector)))
                {
                    running.Stop.Cancel();
                }
            }

            foreach (var account in accounts.Where(account => !_running.ContainsKey(account.Name)))
            {
                var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                var outbox = new AccountOutbox(account, _services);
                _running.Add(
                    account.Name,
                    new Running(account.Connector, outbox, stop, Task.Run(() => outbox.RunAsync(stop.Token), CancellationToken.None)));
            }
        }
    }

    private void ForEach(Action<AccountOutbox> action)
    {
        lock (_lock)
        {
            foreach (var running in _running.Values)
                action(running.Outbox);
        }
    }

    private sealed record Running(IConnector Connector, AccountOutbox Outbox, CancellationTokenSource Stop, Task Ended);
}
