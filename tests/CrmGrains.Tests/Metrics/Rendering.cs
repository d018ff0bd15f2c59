using System.Diagnostics.Metrics;
using System.Text;
using CrmGrains.Host.Metrics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace CrmGrains.Tests.Metrics;

/// <summary>Two meters of our own, a provider that listens to them, and the exporter under test. Keeps what the exporter logs.</summary>
internal sealed class Rendering : IDisposable, ILogger<PrometheusExporter>
{
    private static int _last;

    private readonly PrometheusExporter _exporter;
    private readonly MeterProvider _provider;

    public Rendering()
    {
        // Names of their own keep tests that run at the same time apart.
        var name = $"{MetricStreams.OwnPrefix}Rendering{Interlocked.Increment(ref _last)}";
        Meter = new Meter(name + ".First");
        Other = new Meter(name + ".Other");
        _exporter = new PrometheusExporter(this);
        _provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter(name + ".*")
            .AddView(MetricStreams.For)
            .AddReader(new BaseExportingMetricReader(_exporter))
            .Build();
    }

    public Meter Meter { get; }

    public Meter Other { get; }

    public List<string> Log { get; } = [];

    public string Text() => Encoding.UTF8.GetString(_exporter.Scrape().Span);

    public string[] Lines() => Text().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The lines that are samples.</summary>
    public string[] Samples() => [.. Lines().Where(line => line[0] != '#')];

    public void Dispose()
    {
        _provider.Dispose();
        Meter.Dispose();
        Other.Dispose();
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Log.Add(formatter(state, exception));
}
