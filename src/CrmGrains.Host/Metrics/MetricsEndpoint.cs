using System.IO.Compression;
using CrmGrains.Host.Access;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace CrmGrains.Host.Metrics;

/// <summary>The process' metrics for Prometheus to pull and, where an OpenTelemetry collector is named, pushed to it as well.</summary>
public static class MetricsEndpoint
{
    /// <summary>Below Prometheus' default scrape_timeout of 10 s, so that it sees a 503 rather than a dead line.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    /// <summary>
    /// Listens to our own meters and to those of Npgsql, ASP.NET Core, Kestrel and the runtime. Metrics are pushed too once
    /// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> (or <c>OTEL_EXPORTER_OTLP_METRICS_ENDPOINT</c>) is configured; the other standard
    /// <c>OTEL_</c> variables apply then, from the environment or any other source of configuration.
    /// </summary>
    /// <remarks>Not called AddMetrics: the framework has that, with the same parameters, for <c>IMeterFactory</c> alone.</remarks>
    public static IServiceCollection AddMetricsExport(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<PrometheusExporter>();
        services.AddSingleton(Listen);
        services.AddSingleton<Scrapes>();
        return services;
    }

    /// <summary>Maps <c>GET /metrics</c> and starts to listen: what was measured before is not counted.</summary>
    public static IEndpointConventionBuilder MapMetrics(this IEndpointRouteBuilder routes)
    {
        _ = routes.ServiceProvider.GetRequiredService<MeterProvider>();
        // Scrapes are not work done for anybody, so they stay out of the numbers of requests and of the API's document.
        return routes.MapGet("/metrics", Get).NeedsNoKey().DisableHttpMetrics().ExcludeFromDescription();
    }

    private static MeterProvider Listen(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(ours => ours.AddSingleton(configuration))
            // Last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
            .ConfigureResource(resource => resource.AddService("crmgrains").AddEnvironmentVariableDetector())
            .AddMeter(MetricStreams.Meters)
            .AddView(MetricStreams.For)
            .AddReader(new BaseExportingMetricReader(services.GetRequiredService<PrometheusExporter>()));
        if (IsSet("OTEL_EXPORTER_OTLP_ENDPOINT") || IsSet("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"))
            builder.AddOtlpExporter();
        return builder.Build();

        bool IsSet(string name) => !string.IsNullOrWhiteSpace(configuration[name]);
    }

    private static async Task Get(HttpContext http, Scrapes scrapes, TimeProvider time, ILogger<Scrapes> log)
    {
        if (!scrapes.TryEnter())
        {
            log.ScrapeTurnedAway(Scrapes.MaxInFlight);
            await RefuseAsync(http);
            return;
        }

        using var limit = new CancellationTokenSource(Limit, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, http.RequestAborted);
        try
        {
            using var exposition = await scrapes.CollectAsync(end.Token);
            await SendAsync(http, exposition.Text, end.Token);
        }
        catch (Exception) when (limit.IsCancellationRequested)
        {
            log.ScrapeTookTooLong(Limit);
            await RefuseAsync(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
        }
        catch (Exception e)
        {
            log.ScrapeFailed(e);
            await RefuseAsync(http);
        }
        finally
        {
            scrapes.Leave();
        }
    }

    private static async Task SendAsync(HttpContext http, ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        // Whoever reads too slowly is cut off, so that neither the write nor the end of the compression waits for them.
        await using var cut = cancellationToken.UnsafeRegister(static state => ((HttpContext?)state)?.Abort(), http);
        var response = http.Response;
        response.ContentType = PrometheusExporter.ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.Vary = "Accept-Encoding";
        if (http.Request.GetTypedHeaders().AcceptEncoding.Any(accepted => accepted.Value == "gzip" && accepted.Quality is not 0))
        {
            response.Headers.ContentEncoding = "gzip";
            await using var zip = new GZipStream(response.Body, CompressionLevel.Fastest);
            await zip.WriteAsync(text, cancellationToken);
            return;
        }

        response.ContentLength = text.Length;
        await response.Body.WriteAsync(text, cancellationToken);
    }

    private static async Task RefuseAsync(HttpContext http)
    {
        // Half an exposition can only be cut off: an orderly end would let Prometheus take it for a whole one.
        if (http.Response.HasStarted || http.RequestAborted.IsCancellationRequested)
        {
            http.Abort();
            return;
        }

        http.Response.Clear();
        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "text/plain; charset=utf-8";
        await http.Response.WriteAsync("The metrics cannot be read at present; the log says why.\n", http.RequestAborted);
    }
}
