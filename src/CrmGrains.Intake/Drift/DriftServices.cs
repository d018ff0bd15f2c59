using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CrmGrains.Intake.Drift;

/// <summary>The watch over payloads' shapes, for a process that runs grains.</summary>
internal static class DriftServices
{
    /// <summary>Adds the sentinel; the database of the API, wake-ups, time and meters come from the host.</summary>
    public static void AddDrift(this IServiceCollection services)
    {
        services.AddOptions<DriftOptions>().BindConfiguration("Drift").ValidateOnStart();
        services.AddSingleton<IValidateOptions<DriftOptions>, DriftOptionsValidator>();
        services.AddSingleton<DriftMetrics>();
        services.AddSingleton<DriftSentinel>();
        services.AddSingleton<DriftKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<DriftKeeper>());
    }
}
