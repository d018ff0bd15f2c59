using CrmGrains.Runtime.Autonomy;
using CrmGrains.Runtime.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CrmGrains.Runtime.Silos;

/// <summary>The engine, for a process that runs grains.</summary>
public static class SiloServices
{
    /// <summary>Adds the silo; workspaces, time, meters and wake-ups come from the host, other turns from whoever has some.</summary>
    public static IServiceCollection AddSilo(this IServiceCollection services, string connectionString)
    {
        services.AddOptions<SiloOptions>().BindConfiguration("Silo").ValidateOnStart();
        services.AddSingleton<IValidateOptions<SiloOptions>, SiloOptionsValidator>();
        services.AddSingleton(provider => new EngineDatabase(
            connectionString, provider.GetRequiredService<IOptions<SiloOptions>>().Value.Workers + 4));
        services.AddSingleton<GrantedActions>();
        services.AddHostedService(provider => provider.GetRequiredService<GrantedActions>());
        services.AddSingleton<Silo>();
        services.AddHostedService(provider => provider.GetRequiredService<Silo>());
        return services;
    }
}
