using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CrmGrains.Intake.Retention;

/// <summary>Retention, for a process that runs grains.</summary>
public static class RetentionServices
{
    /// <summary>Adds it; workspaces, time and meters come from the host.</summary>
    public static IServiceCollection AddRetention(this IServiceCollection services, string connectionString)
    {
        services.AddOptions<RetentionOptions>().BindConfiguration("Retention").ValidateOnStart();
        services.AddSingleton<IValidateOptions<RetentionOptions>, RetentionOptionsValidator>();
        services.AddSingleton<RetentionMetrics>();
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<RetentionLane>(provider, connectionString));
        return services;
    }
}
