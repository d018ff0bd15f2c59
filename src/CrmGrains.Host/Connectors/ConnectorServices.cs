using System.Diagnostics.Metrics;
using CrmGrains.Connectors.Channels;
using CrmGrains.Connectors.HubSpot;
using CrmGrains.Connectors.Outbox;
using CrmGrains.Host.Configuration;
using CrmGrains.Runtime.Silos;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CrmGrains.Host.Connectors;

/// <summary>What carries commands out, for a process with the silo's role.</summary>
internal static class ConnectorServices
{
    // One for each account and channel that this process holds, and some for looking who holds the others. They are opened as needed.
    private const int Connections = 60;

    public static IServiceCollection AddConnectors(this IServiceCollection services, string connectionString)
    {
        services.AddOptions<OutboxOptions>().BindConfiguration("Outbox").ValidateOnStart();
        services.AddSingleton<IValidateOptions<OutboxOptions>, OutboxOptionsValidator>();
        services.AddOptions<HubSpotOptions>().BindConfiguration("HubSpot").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ChannelsOptions>().BindConfiguration("Channels").ValidateOnStart();
        services.AddSingleton<IValidateOptions<ChannelsOptions>, ChannelsOptionsValidator>();
        services.AddSingleton<ConnectorAccounts>();
        services.AddSingleton(provider => new AbsentAccounts(
            provider.GetRequiredService<NpgsqlDataSource>(),
            () => [.. provider.GetRequiredService<ConnectorAccounts>().Current().Select(account => account.Name)],
            workspace => provider.GetRequiredService<Configuration.Workspaces>().Find(workspace) is not null,
            provider.GetRequiredService<IOptions<OutboxOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<AbsentAccounts>>()));
        services.AddHostedService(provider => provider.GetRequiredService<AbsentAccounts>());
        services.AddSingleton(provider => new CrmOutbox(
            NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
            {
                ApplicationName = "crmgrains-outbox", MaxPoolSize = Connections, MaxAutoPrepare = 32, AutoPrepareMinUsages = 2,
            }),
            () => Accounts(provider),
            provider.GetRequiredService<IOptions<OutboxOptions>>().Value,
            provider.GetRequiredService<Silo>().Id,
            provider.GetRequiredService<Wakeups>().MailboxesFilled,
            provider.GetRequiredService<TimeProvider>(),
            Random.Shared.NextDouble,
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetRequiredService<IMeterFactory>()));
        services.AddHostedService(provider => provider.GetRequiredService<CrmOutbox>());
        services.AddHostedService<OutboxWaking>();
        return services;
    }

    // What was absent a moment ago may be configured by now.
    private static IReadOnlyList<OutboxAccount> Accounts(IServiceProvider provider)
    {
        var configured = provider.GetRequiredService<ConnectorAccounts>().Current();
        var absent = provider.GetRequiredService<AbsentAccounts>().Current;
        return absent.Count == 0 ? configured : [.. configured, .. absent.ExceptBy(configured.Select(account => account.Name), account => account.Name)];
    }
}

/// <summary>Tells the outbox that commands were committed, in this process or another one.</summary>
internal sealed class OutboxWaking(CrmOutbox outbox, Wakeups wakeups) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await wakeups.Commands.WaitAsync(Timeout.InfiniteTimeSpan, stoppingToken);
                outbox.Wake();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The outbox finds by itself what is left.
        }
    }
}
