using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CrmGrains.Intake.Replays;

/// <summary>The lane of replays, for a process that runs grains.</summary>
public static class ReplayServices
{
    /// <summary>Adds the lane; wake-ups, time and meters come from the host.</summary>
    public static IServiceCollection AddReplayLane(this IServiceCollection services, string connectionString)
    {
        services.AddOptions<ReplayOptions>().BindConfiguration("Replay").ValidateOnStart();
        services.AddSingleton<IValidateOptions<ReplayOptions>, ReplayOptionsValidator>();
        services.AddSingleton<ReplayMetrics>();
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<ReplayLane>(provider, connectionString));
        return services;
    }
}
