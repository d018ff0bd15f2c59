using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CrmGrains.Host.Configuration;

/// <summary>Puts the workspaces and their secrets into a host.</summary>
public static class WorkspacesSetup
{
    /// <summary>
    /// Adds <see cref="Workspaces"/>, read when it is asked for first and from then on kept up to date, and <see cref="Secrets"/>.
    /// Starting the host throws <see cref="WorkspaceFaultsException"/> where a file has faults.
    /// </summary>
    public static IServiceCollection AddWorkspaces(this IServiceCollection services)
    {
        services.AddOptions<WorkspacesOptions>().BindConfiguration("Workspaces").ValidateOnStart();
        services.AddSingleton<IValidateOptions<WorkspacesOptions>, WorkspacesOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new Secrets(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<WorkspaceMetrics>();
        services.AddSingleton(provider => Workspaces.Load(
            FolderOf(provider), provider.GetRequiredService<WorkspaceMetrics>(), provider.GetRequiredService<ILogger<Workspaces>>()));
        services.AddHostedService(provider => new WorkspaceReload(
            provider.GetRequiredService<Workspaces>(),
            FolderOf(provider),
            provider.GetRequiredService<Secrets>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<WorkspaceReload>>()));
        return services;
    }

    private static string FolderOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<WorkspacesOptions>>().Value.Folder;
}
