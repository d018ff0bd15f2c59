using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CrmGrains.IntegrationTests.Metrics;

[Collection(MetricsAlone.Name)]
public sealed class MetricsEndpointTests
{
    [Fact]
    public async Task A_scrape_shows_our_meters_and_those_of_the_platform_but_not_itself()
    {
        await using var app = await MetricsApp.StartAsync();
        app.Meter.CreateCounter<long>(app.Prefix + "sends", "{send}", "Sent.").Add(2);
        await app.Http.GetStringAsync("/hello");
        await app.Http.GetStringAsync("/metrics");

        using var response = await app.Http.GetAsync(new Uri("/metrics", UriKind.Relative));
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Contains($"\n{app.Prefix}sends_total 2\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE http_server_request_duration_seconds histogram\n", text, StringComparison.Ordinal);
        Assert.Contains("http_route=\"/hello\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("http_route=\"/metrics\"", text, StringComparison.Ordinal);
        Assert.Contains("\n# TYPE kestrel_active_connections gauge\n", text, StringComparison.Ordinal);
        Assert.Contains("\n# TYPE dotnet_process_cpu_time_seconds_total counter\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scraper_that_accepts_gzip_gets_it()
    {
        await using var app = await MetricsApp.StartAsync();
        app.Meter.CreateCounter<long>(app.Prefix + "sends").Add(2);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { "Accept-Encoding", "gzip" } } };

        using var response = await app.Http.SendAsync(request);
        await using var zip = new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        using var reader = new StreamReader(zip);

        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        Assert.Contains($"\n{app.Prefix}sends_total 2\n", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scrapes_that_come_at_once_are_answered_in_full_or_turned_away()
    {
        await using var app = await MetricsApp.StartAsync();
        app.Meter.CreateCounter<long>(app.Prefix + "sends").Add(2);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            using var response = await app.Http.GetAsync(new Uri("/metrics", UriKind.Relative));
            return (response.StatusCode, Text: await response.Content.ReadAsStringAsync());
        }));

        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.All(answers, answer => Assert.True(
            answer.StatusCode == HttpStatusCode.OK
                ? answer.Text.Contains($"\n{app.Prefix}sends_total 2\n", StringComparison.Ordinal)
                : answer.StatusCode == HttpStatusCode.ServiceUnavailable));
    }

    [Fact]
    public async Task An_instrument_that_cannot_be_rendered_is_a_503_and_a_log_line()
    {
        var log = new KeptLog();
        await using var app = await MetricsApp.StartAsync(services => services.AddSingleton<ILoggerProvider>(log));
        var tag = new Unprintable { Throws = true };
        app.Meter.CreateCounter<long>(app.Prefix + "bad").Add(1, new KeyValuePair<string, object?>("v", tag));

        using var response = await app.Http.GetAsync(new Uri("/metrics", UriKind.Relative));
        var body = await response.Content.ReadAsStringAsync();
        tag.Throws = false;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("The metrics cannot be read at present; the log says why.\n", body);
        Assert.Contains("A scrape of /metrics failed and was answered with 503.", log.Lines);
        Assert.Contains($"\n{app.Prefix}bad_total", await app.Http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_observable_that_blocks_is_given_up_and_does_not_block_the_next_scrapes_for_good()
    {
        var time = new ManualTime();
        var log = new KeptLog();
        await using var app = await MetricsApp.StartAsync(services =>
            services.AddSingleton<TimeProvider>(time).AddSingleton<ILoggerProvider>(log));
        using var entered = new SemaphoreSlim(0);
        using var release = new ManualResetEventSlim();
        _ = app.Meter.CreateObservableGauge(app.Prefix + "stuck", int () =>
        {
            entered.Release();
            return release.Wait(Eventually.Patience) ? 1 : 0;
        });

        var stuck = app.Http.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.True(await entered.WaitAsync(Eventually.Patience), "The observable instrument was never read.");
        time.Advance(TimeSpan.FromSeconds(8));
        using (var response = await stuck)
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains(log.Lines, line => line.StartsWith("A scrape of /metrics took longer than 00:00:08", StringComparison.Ordinal));

        release.Set();
        Assert.Contains($"\n{app.Prefix}stuck 1\n", await app.Http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readers_that_never_read_hold_their_places_for_eight_seconds_only()
    {
        var time = new ManualTime();
        var log = new KeptLog();
        await using var app = await MetricsApp.StartAsync(services =>
            services.AddSingleton<TimeProvider>(time).AddSingleton<ILoggerProvider>(log));
        var wide = app.Meter.CreateCounter<long>(app.Prefix + "wide");
        for (var i = 0; i < 900; i++)
            wide.Add(1, new KeyValuePair<string, object?>("value", new string((char)('a' + (i % 26)), 20_000) + i));

        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < 8; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
                sockets.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, app.Http.BaseAddress?.Port ?? 0);
                await socket.SendAsync("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
                // The first bytes are here: the write of some 18 MB is under way.
                Assert.True(await socket.ReceiveAsync(new byte[16]) > 0);
            }

            using (var response = await app.Http.GetAsync(new Uri("/metrics", UriKind.Relative)))
                Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);

            time.Advance(TimeSpan.FromSeconds(8));
            await Eventually.Is(
                () => log.Lines.Count(line => line.Contains("took longer", StringComparison.Ordinal)) == 8, "eight readers cut off");
            await Eventually.Is(
                async () => (await app.Http.GetStringAsync("/metrics")).Contains(app.Prefix, StringComparison.Ordinal),
                "a scrape that succeeds");
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task A_configured_collector_is_pushed_to_as_well()
    {
        var bodies = new ConcurrentQueue<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var collector = builder.Build();
        collector.MapPost("/v1/metrics", async (Stream body) =>
        {
            using var reader = new StreamReader(body, Encoding.Latin1);
            bodies.Enqueue(await reader.ReadToEndAsync());
        });
        await collector.StartAsync();

        await using var app = await MetricsApp.StartAsync(
            null,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Urls.Single()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "50"));
        app.Meter.CreateCounter<long>(app.Prefix + "sends").Add(2);

        await Eventually.Is(
            () => bodies.Any(body =>
                body.Contains(app.Prefix + "sends", StringComparison.Ordinal) && body.Contains("crmgrains", StringComparison.Ordinal)),
            "a push that has our counter and the service's name");
        Assert.Contains($"\n{app.Prefix}sends_total 2\n", await app.Http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    private sealed class Unprintable
    {
        public bool Throws { get; set; }

        public override string ToString() => Throws ? throw new FormatException("unprintable") : "printable";
    }
}
