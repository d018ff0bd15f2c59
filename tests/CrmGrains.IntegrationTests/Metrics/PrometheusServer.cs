using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CrmGrains.IntegrationTests.Metrics;

/// <summary>A real Prometheus, started as a child, that scrapes one target every second into a folder of its own.</summary>
internal sealed partial class PrometheusServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crmgrains-prometheus-").FullName;
    private readonly ConcurrentQueue<string> _output = [];
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpClient _http = new();
    private readonly Process _process;

    private PrometheusServer(Uri target)
    {
        var configuration = Path.Combine(_folder, "prometheus.yml");
        File.WriteAllText(configuration, $"""
            global:
              scrape_interval: 1s
              scrape_timeout: 1s
            scrape_configs:
              - job_name: crmgrains
                static_configs:
                  - targets: ["{target.Authority}"]
            """);
        _process = Tool(
            "prometheus", $"--config.file={configuration}", $"--storage.tsdb.path={Path.Combine(_folder, "data")}",
            // The system chooses the port; Prometheus says in its log which one.
            "--web.listen-address=127.0.0.1:0");
    }

    public string Output => string.Join('\n', _output);

    /// <param name="target">What to scrape, at <c>/metrics</c>.</param>
    public static async Task<PrometheusServer> StartAsync(Uri target)
    {
        var server = new PrometheusServer(target);
        try
        {
            server.Start();
            server._http.BaseAddress = await server._address.Task.WaitAsync(Eventually.Patience);
            return server;
        }
        catch (TimeoutException e)
        {
            var output = server.Output;
            await server.DisposeAsync();
            throw new TimeoutException($"Prometheus never said where it listens. It said:\n{output}", e);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <returns>The value of the one series that the PromQL expression yields; <see langword="null"/> where there is none (yet).</returns>
    public async Task<double?> QueryAsync(string expression)
    {
        using var answer = await _http.GetAsync(new Uri($"/api/v1/query?query={Uri.EscapeDataString(expression)}", UriKind.Relative));
        if (!answer.IsSuccessStatusCode)
            return null;
        using var json = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync());
        var result = json.RootElement.GetProperty("data").GetProperty("result");
        if (result.GetArrayLength() == 0)
            return null;
        var value = result[0].GetProperty("value")[1].GetString() ?? "";
        return value == "+Inf" ? double.PositiveInfinity : double.Parse(value, CultureInfo.InvariantCulture);
    }

    /// <summary>Runs <c>promtool check metrics</c>: 0 is valid, 3 valid with complaints about style, anything else broken.</summary>
    public static async Task<(int ExitCode, string[] Complaints)> CheckAsync(string exposition)
    {
        using var promtool = Tool("promtool", "check", "metrics");
        Start(promtool);
        var output = Task.WhenAll(promtool.StandardOutput.ReadToEndAsync(), promtool.StandardError.ReadToEndAsync());
        await using (promtool.StandardInput)
            await promtool.StandardInput.WriteAsync(exposition);
        using var patience = new CancellationTokenSource(Eventually.Patience);
        await promtool.WaitForExitAsync(patience.Token);
        return (promtool.ExitCode, string.Concat(await output).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        catch (InvalidOperationException)
        {
            // It never started, or has ended by itself.
        }

        _process.Dispose();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Process Tool(string name, params string[] arguments) => new()
    {
        StartInfo = new ProcessStartInfo(name, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        },
    };

    private static void Start(Process process)
    {
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            Assert.Fail($"{process.StartInfo.FileName} is missing ({e.Message}): apt-get install -y prometheus");
        }
    }

    private void Start()
    {
        _process.OutputDataReceived += (_, line) => Heard(line.Data);
        _process.ErrorDataReceived += (_, line) => Heard(line.Data);
        Start(_process);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Heard(string? line)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        if (ListeningOn().Match(line) is { Success: true } match)
            _address.TrySetResult(new Uri($"http://{match.Groups["address"].Value}"));
    }

    [GeneratedRegex(@"Listening on.*address=(?<address>127\.0\.0\.1:[1-9][0-9]*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ListeningOn();
}
