using System.Diagnostics.Metrics;
using CrmGrains.Host.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CrmGrains.IntegrationTests.Metrics;

/// <summary>A Kestrel application with nothing but <c>/metrics</c> and a meter of its own.</summary>
internal sealed class MetricsApp : IAsyncDisposable
{
    private static int _last;

    private readonly WebApplication _app;

    private MetricsApp(WebApplication app)
    {
        _app = app;
        // A provider listens to every meter of that name in the process, those of tests that run at the same time included.
        Prefix = $"crm_app{Interlocked.Increment(ref _last)}_";
        var meters = app.Services.GetRequiredService<IMeterFactory>();
        Meter = meters.Create("CrmGrains.MetricsApp");
        OtherMeter = meters.Create("CrmGrains.MetricsApp.Other");
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    /// <summary>Comes first in the name of every instrument that a test makes.</summary>
    public string Prefix { get; }

    public Meter Meter { get; }

    public Meter OtherMeter { get; }

    public HttpClient Http { get; }

    public static async Task<MetricsApp> StartAsync(
        Action<IServiceCollection>? services = null, params (string Key, string Value)[] configuration)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(configuration.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));
        builder.Services.AddMetricsExport();
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapMetrics();
        app.MapGet("/hello", () => "hello");
        await app.StartAsync();
        return new MetricsApp(app);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
