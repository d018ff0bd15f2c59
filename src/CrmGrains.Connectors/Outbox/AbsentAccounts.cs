using CrmGrains.Core.Commands;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// Looks now and then for commands of accounts that no configuration has. They are given some time first: processes don't take a changed
/// configuration in at the same moment.
/// </summary>
/// <param name="database">Where the commands are.</param>
/// <param name="configured">The accounts that this process knows.</param>
/// <param name="isKnown">Whether this process has the workspace at all; another one may have what this one hasn't.</param>
public sealed class AbsentAccounts(
    NpgsqlDataSource database, Func<IReadOnlyCollection<string>> configured, Func<string, bool> isKnown, OutboxOptions options,
    TimeProvider time, ILogger<AbsentAccounts> logger) : BackgroundService
{
    private const int Most = 1_000;

    private readonly Dictionary<string, OutboxAccount> _accounts = new(StringComparer.Ordinal);
    private IReadOnlyList<OutboxAccount> _current = [];

    /// <summary>Accounts whose commands have nobody else to go to, as of the last look.</summary>
    public IReadOnlyList<OutboxAccount> Current => Volatile.Read(ref _current);

    /// <summary>Looks.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(OutboxSql.Unserved);
        command.Parameters.AddTyped("configured", configured().ToArray());
        command.Parameters.AddTyped("patience", options.AbsentAfter);
        command.Parameters.AddTyped("most", Most);
        var found = new List<string>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                found.Add(reader.GetString(0));
        }

        // The same account stays the same instance; one that has nothing left is let go.
        foreach (var gone in _accounts.Keys.Except(found, StringComparer.Ordinal).ToList())
            _accounts.Remove(gone);
        foreach (var account in found.Where(account => !_accounts.ContainsKey(account) && isKnown(CommandAccount.Parse(account).Workspace)))
        {
            OutboxLog.NotConfigured(logger, account);
            _accounts.Add(account, new OutboxAccount(account, AbsentAccount.Kind, new AbsentAccount(account, () => configured().Contains(account))));
        }

        Volatile.Write(ref _current, [.. _accounts.Values]);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                OutboxLog.AbsentUnread(logger, failure);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(options.SweepInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
