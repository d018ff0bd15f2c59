using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CrmGrains.Intake.Inbox;

/// <summary>The inbox, for a process that takes deliveries in.</summary>
public static class InboxServices
{
    /// <summary>Adds the inbox; wake-ups, time and meters come from the host.</summary>
    public static IServiceCollection AddInbox(this IServiceCollection services, string connectionString)
    {
        services.AddOptions<InboxOptions>().BindConfiguration("Inbox").ValidateOnStart();
        services.AddSingleton<IValidateOptions<InboxOptions>, InboxOptionsValidator>();
        services.AddSingleton<InboxMetrics>();
        services.AddSingleton(_ => new InboxDatabase(connectionString));
        services.AddSingleton<IntakeQueues>();
        services.AddSingleton<DeliveryInbox>();
        services.AddHostedService(provider => provider.GetRequiredService<DeliveryInbox>());
        return services;
    }
}
