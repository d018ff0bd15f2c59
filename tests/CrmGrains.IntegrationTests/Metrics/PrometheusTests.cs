using System.Diagnostics.Metrics;

namespace CrmGrains.IntegrationTests.Metrics;

/// <summary>What Prometheus itself makes of our metrics.</summary>
[Collection(MetricsAlone.Name)]
public sealed class PrometheusTests
{
    private const string Awkward = "C:\\temp\\ \"quoted\"\nsecond line {a=\"b\"} €";

    [Fact]
    public async Task Promtool_has_nothing_to_say_about_the_exposition()
    {
        await using var app = await MetricsApp.StartAsync();
        MeasureSomeOfEachKind(app);
        await app.Http.GetStringAsync("/hello");

        var (exitCode, complaints) = await PrometheusServer.CheckAsync(await app.Http.GetStringAsync("/metrics"));

        Assert.True(exitCode == 0, $"promtool ended with {exitCode}: {string.Join('\n', complaints)}");
    }

    [Fact]
    public async Task Promtool_does_find_a_repeated_series()
    {
        var (exitCode, complaints) = await PrometheusServer.CheckAsync("# HELP a A.\n# TYPE a gauge\na 1\n# TYPE a gauge\na 1\n");

        Assert.True(exitCode == 1, $"promtool ended with {exitCode}: {string.Join('\n', complaints)}");
    }

    [Fact]
    public async Task Prometheus_scrapes_every_kind_of_instrument_and_has_the_values_that_were_measured()
    {
        await using var app = await MetricsApp.StartAsync();
        MeasureSomeOfEachKind(app);
        await app.Http.GetStringAsync("/hello");
        var target = app.Http.BaseAddress ?? throw new InvalidOperationException("The application has no address.");
        await using var prometheus = await PrometheusServer.StartAsync(target);

        await Eventually.Is(async () => await prometheus.QueryAsync("up") is 1, "Prometheus to find the target up");

        var quoted = Awkward.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
        await Expect(prometheus, $"{app.Prefix}sends_total{{crm=\"sandbox\"}}", 3);
        await Expect(prometheus, $"{app.Prefix}sends_total{{crm=\"{quoted}\"}}", 4);
        await Expect(prometheus, $"{app.Prefix}lanes", -2);
        await Expect(prometheus, $"{app.Prefix}lag_seconds", 0.25);
        await Expect(prometheus, $"{app.Prefix}endless_ratio", double.PositiveInfinity);
        await Expect(prometheus, $"{app.Prefix}unknown_ratio", double.NaN);
        await Expect(prometheus, $"{app.Prefix}turn_seconds_bucket{{le=\"0.0005\"}}", 1);
        await Expect(prometheus, $"{app.Prefix}turn_seconds_bucket{{le=\"+Inf\"}}", 3);
        await Expect(prometheus, $"{app.Prefix}turn_seconds_count", 3);
        await Expect(prometheus, $"{app.Prefix}turn_seconds_sum", 90.5004);
        await Expect(prometheus, $"histogram_quantile(0.5, {app.Prefix}turn_seconds_bucket) <= bool 0.5", 1);
        await Expect(prometheus, "count(http_server_request_duration_seconds_count{http_route=\"/hello\"}) >= bool 1", 1);

        // Scrapes go on.
        app.Meter.CreateCounter<long>(app.Prefix + "late", null, "Late.").Add(7);
        await Eventually.Is(
            async () => await prometheus.QueryAsync(app.Prefix + "late_total") is 7, "a later scrape to show a later counter");
    }

    private static async Task Expect(PrometheusServer prometheus, string expression, double expected)
    {
        var found = await prometheus.QueryAsync(expression);
        Assert.True(
            expected.Equals(found),
            $"{expression} is {found?.ToString() ?? "absent"} and not {expected}. Prometheus said:\n{prometheus.Output}");
    }

    private static void MeasureSomeOfEachKind(MetricsApp app)
    {
        var sends = app.Meter.CreateCounter<long>(app.Prefix + "sends", "{send}", "Calls to a \\ \"CRM\",\nby CRM.");
        sends.Add(3, new KeyValuePair<string, object?>("crm", "sandbox"));
        sends.Add(4, new KeyValuePair<string, object?>("crm", Awkward));
        app.Meter.CreateUpDownCounter<int>(app.Prefix + "lanes", "{lane}", "Open lanes.").Add(-2);
        app.Meter.CreateGauge<double>(app.Prefix + "endless", "1", "Infinite.").Record(double.PositiveInfinity);
        app.Meter.CreateGauge<double>(app.Prefix + "unknown", "1", "Not a number.").Record(double.NaN);
        _ = app.Meter.CreateObservableGauge(app.Prefix + "lag_seconds", () => 0.25, "s", "Age of the oldest message.");
        _ = app.Meter.CreateObservableCounter(app.Prefix + "read", () => 12L, "By", "Read.");
        var turns = app.Meter.CreateHistogram<double>(app.Prefix + "turn_seconds", "s", "Turns.");
        foreach (var seconds in (double[])[0.0004, 0.5, 90])
            turns.Record(seconds);
        app.Meter.CreateHistogram<int>(app.Prefix + "batch_messages", "{message}", "Batches.").Record(17);

        // The same name in a second meter.
        app.OtherMeter.CreateCounter<long>(app.Prefix + "sends", "{send}", "Described otherwise.").Add(
            0, new KeyValuePair<string, object?>("crm", "sandbox"));
    }
}
