using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CrmGrains.Intake.Silence;

/// <summary>The watch over silent sources, for a process that runs grains.</summary>
internal static class SilenceServices
{
    /// <summary>Adds it; the database of the API, wake-ups, time and meters come from the host.</summary>
    public static void AddSilence(this IServiceCollection services)
    {
        services.AddOptions<SilenceOptions>().BindConfiguration("Silence").ValidateOnStart();
        services.AddSingleton<IValidateOptions<SilenceOptions>, SilenceOptionsValidator>();
        services.AddSingleton<SilenceMetrics>();
        services.AddSingleton<SourceArrivals>();
        services.AddHostedService<SilenceKeeper>();
    }
}
