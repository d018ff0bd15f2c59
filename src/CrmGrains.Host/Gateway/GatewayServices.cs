using CrmGrains.Intake.Inbox;
using Microsoft.Extensions.Options;

namespace CrmGrains.Host.Gateway;

/// <summary>What takes deliveries in.</summary>
internal static class GatewayServices
{
    public static IServiceCollection AddGateway(this IServiceCollection services, string connectionString)
    {
        services.AddOptions<GatewayOptions>().BindConfiguration("Gateway").ValidateOnStart();
        services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
        services.AddInbox(connectionString);
        services.AddSingleton<GatewayMetrics>();
        services.AddSingleton<HookEndpoint>();
        return services;
    }

    public static void MapHooks(this IEndpointRouteBuilder routes)
    {
        HookEndpoint.Map(routes);
        HookProbe.Map(routes);
    }
}
