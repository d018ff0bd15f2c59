using CrmGrains.Connectors;
using CrmGrains.Connectors.Channels;
using CrmGrains.Connectors.HubSpot;
using CrmGrains.Connectors.Outbox;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Host.Configuration;
using Microsoft.Extensions.Options;

namespace CrmGrains.Host.Connectors;

/// <summary>
/// The CRM accounts and channels of all workspaces: one connector each, kept as long as the workspace's configuration stays as it is.
/// </summary>
internal sealed class ConnectorAccounts(
    Configuration.Workspaces workspaces, Secrets secrets, IOptions<HubSpotOptions> hubSpot, IOptions<ChannelsOptions> channels, TimeProvider time,
    ILoggerFactory loggers)
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
                if (workspace.Crm is { } crm)
                    current.Add(Kept(workspace, CommandAccount.OfCrm(workspace.Name, crm.Name), crm.Kind, () => Connect(crm)));
                foreach (var channel in workspace.Channels.Values)
                    current.Add(Kept(workspace, CommandAccount.OfChannel(workspace.Name, channel.Name), channel.Kind, () => Connect(channel)));
            }

            return current;
        }
    }

    private OutboxAccount Kept(WorkspaceConfiguration workspace, string name, string kind, Func<IConnector> connect)
    {
        if (!_accounts.TryGetValue(name, out var known) || known.Hash != workspace.Hash)
            _accounts[name] = known = (workspace.Hash, new OutboxAccount(name, kind, connect()));
        return known.Account;
    }

    private IConnector Connect(CrmAccountConfiguration account) => account.Kind switch
    {
        HubSpotConnector.Kind => HubSpotConnector.Create(
            account, secrets.Address(account.Url).ToString(), () => secrets.Resolve(account.Token), time, Random.Shared.NextDouble, loggers,
            hubSpot.Value),
        _ => throw new InvalidOperationException($"There is no connector for a CRM of kind '{account.Kind}'."),
    };

    private IConnector Connect(ChannelConfiguration channel) => ChannelConnectors.Create(
        channel, channel is ChannelConfiguration.Smtp ? secrets.MailServer : secrets.Address, secrets.Resolve, channels.Value, time, loggers);
}
