using System.ComponentModel.DataAnnotations;
using CrmGrains.Sandbox.Calls;
using CrmGrains.Sandbox.Channels;
using CrmGrains.Sandbox.Faults;
using CrmGrains.Sandbox.HubSpot;
using CrmGrains.Sandbox.HubSpot.Answers;
using CrmGrains.Sandbox.HubSpot.Associations;
using CrmGrains.Sandbox.HubSpot.Properties;
using CrmGrains.Sandbox.HubSpot.Records;
using CrmGrains.Sandbox.HubSpot.Search;
using CrmGrains.Sandbox.Inspection;
using CrmGrains.Sandbox.State;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;

namespace CrmGrains.Sandbox;

/// <summary>The stand-in CRMs, listening. Tests start one in their own process, on a port that the system chooses.</summary>
public sealed class SandboxServer : IAsyncDisposable
{
    private const long MaxBodyBytes = 10 * 1024 * 1024;

    private readonly WebApplication _app;

    private SandboxServer(WebApplication app, string url) => (_app, Url) = (app, url);

    /// <summary>The stand-in mail server, as a channel names it: <c>smtp://127.0.0.1:8025</c>.</summary>
    public string MailUrl => $"smtp://127.0.0.1:{_app.Services.GetRequiredService<MailServer>().Port}";

    /// <summary>The first address listened on, with its real port and without a trailing slash.</summary>
    public string Url { get; }

    /// <summary>Starts listening; the caller stops it by disposing it.</summary>
    /// <param name="options">As given; a test usually wants <c>Urls = "http://127.0.0.1:0"</c>.</param>
    /// <param name="time">What the limits and the lag of search are measured by; the system's clock where absent.</param>
    /// <exception cref="ValidationException">An option is out of its range.</exception>
    /// <exception cref="InvalidDataException">The state file is not one that this version understands.</exception>
    /// <exception cref="IOException">The state file is another sandbox's, or cannot be reached; or an address is taken.</exception>
    public static async Task<SandboxServer> StartAsync(
        SandboxOptions options, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        var app = Build(options, time ?? TimeProvider.System);
        try
        {
            await app.StartAsync(cancellationToken);
            var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
            return new SandboxServer(app, addresses.Addresses.First().TrimEnd('/'));
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops gracefully: calls in flight end first, those held by a fault are let go, then the state is saved.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    internal static WebApplication Build(SandboxOptions options, TimeProvider time)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);

        // An empty builder reads no settings file, so the sandbox behaves the same wherever it is started.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(options.Urls).ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.AddServerHeader = false;
        });
        if (options.Log)
            builder.Logging.AddSimpleConsole(console => console.SingleLine = true).AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

        builder.Services.AddRouting(routing => routing.SetParameterPolicy<ApiVersion>(ApiVersion.Name));
        builder.Services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        builder.Services.Configure<JsonOptions>(json => SandboxJson.Configure(json.SerializerOptions));
        builder.Services.AddSingleton(options).AddSingleton(time);
        builder.Services.AddSingleton<RateLimits>();
        builder.Services.AddSingleton<FaultBox>().AddSingleton<CallLog>();
        builder.Services.AddSingleton<ChannelBox>().AddSingleton<NoticeLimit>().AddSingleton<MailServer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<MailServer>());

        var account = new Account(time, options);
        builder.Services.AddSingleton(account);
        builder.Services.AddSingleton(account.Effects);
        if (options.State.Length > 0)
        {
            var state = StateFile.Open(options.State, account);
            builder.Services.AddSingleton(_ => state);  // by a factory, so that it is let go with the app
            builder.Services.AddHostedService<StateKeeper>();
        }

        var app = builder.Build();
        app.UseMiddleware<CallRecorder>();
        app.UseMiddleware<ErrorBoundary>();
        app.UseWhen(IsHubSpot, hubSpot => hubSpot
            .UseMiddleware<TokenCheck>()
            .UseMiddleware<RateLimiter>()
            .UseMiddleware<FaultInjector>());
        app.UseWhen(ChannelEndpoints.IsChannel, channels => channels.UseMiddleware<FaultInjector>());

        app.MapRecords();
        app.MapBatches();
        app.MapSearch();
        app.MapAssociations();
        app.MapOwners();
        app.MapPipelines();
        app.MapProperties();
        app.MapChannels();
        app.MapFaults();
        app.MapCalls();
        app.MapInspection();
        return app;
    }

    private static bool IsHubSpot(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/crm", StringComparison.OrdinalIgnoreCase);
}
