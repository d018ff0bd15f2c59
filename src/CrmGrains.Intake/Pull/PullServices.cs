using CrmGrains.Core.Configuration;
using CrmGrains.Runtime.Silos;
using CrmGrains.Runtime.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CrmGrains.Intake.Pull;

/// <summary>What the addresses and secrets of a configuration stand for now.</summary>
/// <param name="Address">Null where the reference has no usable value.</param>
/// <param name="Secret">Null where the reference has no value.</param>
public sealed record PullAccess(Func<string, Uri?> Address, Func<string, string?> Secret);

/// <summary>Fetching from senders that only call, for a process that runs grains.</summary>
public static class PullServices
{
    private const int ConnectSeconds = 5;

    /// <summary>Adds the loop; <see cref="PullAccess"/>, wake-ups, workspaces and time come from the host.</summary>
    public static IServiceCollection AddPulls(this IServiceCollection services, string connectionString)
    {
        services.AddOptions<PullOptions>().BindConfiguration("Pull").ValidateOnStart();
        services.AddSingleton<IValidateOptions<PullOptions>, PullOptionsValidator>();
        services.AddSingleton<AirtableApi>();
        services.AddHostedService(provider =>
        {
            var (options, time) = (provider.GetRequiredService<IOptions<PullOptions>>().Value, provider.GetRequiredService<TimeProvider>());
            var logger = provider.GetRequiredService<ILogger<PullLoop>>();
            return new PullLoop(
                Database(connectionString),
                new Puller(
                    provider.GetRequiredService<AirtableApi>(), provider.GetRequiredService<IWorkspaces>(), provider.GetRequiredService<PullAccess>(),
                    options, provider.GetRequiredService<Wakeups>(), time, Random.Shared.NextDouble, logger),
                options, time, logger);
        });
        return services;
    }

    // One connection, whose session is the lock. It lives as long as the process.
    private static NpgsqlDataSource Database(string connectionString) => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "crmgrains-pull", MaxPoolSize = 2, MaxAutoPrepare = 8, AutoPrepareMinUsages = 2, Timeout = ConnectSeconds,
        }.WithTcpKeepalive());
}
