using CrmGrains.Connectors;
using CrmGrains.Connectors.HubSpot;
using CrmGrains.Connectors.Outbox;
using CrmGrains.Core.Configuration;
using CrmGrains.Host.Configuration;
using Microsoft.Extensions.Options;

namespace CrmGrains.Host.Connectors;

/// <summary>The CRM accounts of all workspaces: one connector each, kept as long as the workspace's configuration stays as it is.</summary>
internal sealed class ConnectorAccounts(
    Configuration.Workspaces workspaces, Secrets secrets, IOptions<HubSpotOptions> hubSpot, TimeProvider time, ILoggerFactory loggers)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Hash, OutboxAccount Account)> _accounts = new(StringComparer.Ordinal);

    /// <summary>The accounts as of now.</summary>
    public IReadOnlyList<OutboxAccount> Current()
    {
        lock (_gate)
        {
            var current = new List<OutboxAccount>();
            foreach (var workspace in workspaces.Current.Values)
            {
                if (workspace.Crm is not { } crm)
                    continue;
                var name = $"{workspace.Name}/{crm.Name}";
                if (!_accounts.TryGetValue(name, out var known) || known.Hash != workspace.Hash)
                    _accounts[name] = known = (workspace.Hash, new OutboxAccount(name, crm.Kind, Connect(crm)));
                current.Add(known.Account);
            }

            return current;
        }
    }

    private ICrm Connect(CrmAccountConfiguration account) => account.Kind switch
    {
        HubSpotConnector.Kind => HubSpotConnector.Create(
            account, secrets.Address(account.Url).ToString(), () => secrets.Resolve(account.Token), time, Random.Shared.NextDouble, loggers,
            hubSpot.Value),
        _ => throw new InvalidOperationException($"There is no connector for a CRM of kind '{account.Kind}'."),
    };
}
