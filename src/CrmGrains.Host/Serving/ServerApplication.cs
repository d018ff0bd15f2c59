using CrmGrains.Connectors.Outbox;
using CrmGrains.Core.Configuration;
using CrmGrains.Host.Access;
using CrmGrains.Host.Autonomy;
using CrmGrains.Host.Connectors;
using CrmGrains.Host.Contract;
using CrmGrains.Host.Customers;
using CrmGrains.Host.DeadLetters;
using CrmGrains.Host.Drift;
using CrmGrains.Host.Gateway;
using CrmGrains.Host.Health;
using CrmGrains.Host.Ledger;
using CrmGrains.Host.Metrics;
using CrmGrains.Host.Replays;
using CrmGrains.Host.Reviews;
using CrmGrains.Host.Tracing;
using CrmGrains.Host.Undo;
using CrmGrains.Host.Configuration;
using CrmGrains.Intake.Loop;
using CrmGrains.Intake.Pull;
using CrmGrains.Intake.Replays;
using CrmGrains.Intake.Retention;
using CrmGrains.Runtime.Silos;
using Npgsql;

namespace CrmGrains.Host.Serving;

/// <summary>The table of contents of a process: what each role adds and maps.</summary>
internal static class ServerApplication
{
    private const int ApiConnections = 20;

    // A statement that has had its time is canceled over another connection, and where the server is gone without a word that one waits so
    // long too: with the usual 15 seconds a sender waited 20 to be told to come again.
    private const int ConnectSeconds = 5;

    // Longer than a batch of turns and a call to a CRM are given to finish.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(40);

    /// <param name="adapt">What a host within another process has otherwise: where logs go, where settings and secrets come from.</param>
    public static WebApplication Build(ServeOptions options, string connectionString, Action<WebApplicationBuilder>? adapt = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables("CRMGRAINS__");
        builder.WebHost.UseUrls(options.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 64 * 1024 * 1024;
        });
        ServerLogging.Configure(builder.Logging);

        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        services.AddSingleton(options);
        services.AddSingleton(NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "crmgrains", MaxPoolSize = ApiConnections, MaxAutoPrepare = 32, AutoPrepareMinUsages = 2, NoResetOnClose = true,
            Timeout = ConnectSeconds,
        }));
        services.AddWorkspaces().Configure<WorkspacesOptions>(workspaces => workspaces.Folder = options.Workspaces);
        services.AddSingleton<IWorkspaces>(provider => provider.GetRequiredService<Configuration.Workspaces>());
        services.AddSingleton<Wakeups>();
        services.AddHostedService<ConfigurationRecord>();
        services.AddMetricsExport();
        services.AddProblems();
        services.AddAccess();
        services.AddSingleton<ReviewMetrics>();
        if (options.Postgres is not null)
            services.AddHostedService(provider => ActivatorUtilities.CreateInstance<OtherProcesses>(provider, connectionString));
        if (options.IsGateway)
            services.AddGateway(connectionString);
        if (options.IsSilo)
        {
            services.AddSilo(connectionString).AddIntake().AddReplayLane(connectionString).AddRetention(connectionString)
                .AddConnectors(connectionString).AddPulls(connectionString);
            services.AddSingleton(provider => provider.GetRequiredService<Secrets>().ForPulls());
            services.AddReviewClock();
        }

        if (options.IsConsole)
        {
            services.AddOpenApi(openApi => openApi.AddOperationTransformer<AccessInOpenApi>());
            services.AddSingleton<EventTraces>();
            services.AddSingleton<RecordedConfigurations>();
            services.AddSingleton<ReplayRequests>();
            services.AddSingleton<Undos>();
            services.AddAutonomy();
            services.ConfigureHttpJsonOptions(json =>
            {
                json.SerializerOptions.TypeInfoResolverChain.Insert(0, ReplayJson.Default);
                json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiKeyJson.Default);
                json.SerializerOptions.TypeInfoResolverChain.Insert(0, UndoJson.Default);
            });
            services.AddSingleton(provider => new OutboxDeadLetters(
                provider.GetRequiredService<NpgsqlDataSource>(), () => provider.GetService<CrmOutbox>()?.Sweep()));
            services.AddReviews();
            services.AddHostedService<BacklogGauges>();
        }

        adapt?.Invoke(builder);
        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHealth();
        app.MapMetrics();
        if (options.IsGateway)
            app.MapHooks();
        if (options.IsConsole)
        {
            app.MapOpenApi("/openapi/{documentName}.json").NeedsNoKey();
            app.MapKeys();
            app.MapConfigurations();
            app.MapTraces();
            app.MapContract();
            app.MapExplanations();
            app.MapReasons();
            app.MapCustomers();
            app.MapMerges();
            app.MapReviews();
            app.MapLedger();
            app.MapDeadLetters();
            app.MapReplays();
            app.MapDrift();
            app.MapUndo();
            app.MapAutonomy();
        }

        app.CheckAccess();
        return app;
    }
}
