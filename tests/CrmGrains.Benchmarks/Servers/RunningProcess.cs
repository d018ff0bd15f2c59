using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CrmGrains.Benchmarks.Load;
using CrmGrains.Runtime.Postgres;

namespace CrmGrains.Benchmarks.Servers;

/// <summary>A process that serves, with the end of what it said. Stopped on disposal.</summary>
internal sealed class RunningProcess : IAsyncDisposable
{
    private const int Terminate = 15;  // SIGTERM
    private const int Freeze = 19;  // SIGSTOP
    private const int Thaw = 18;  // SIGCONT
    private const int KeptOutput = 16 * 1024;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(10);

    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly StringBuilder _output = new();

    private RunningProcess(string program, IEnumerable<string> arguments, string folder, IPEndPoint address, TimeProvider time)
    {
        (Address, _time) = (address, time);
        _process = new Process { StartInfo = StartInfo(program, arguments, folder) };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    public IPEndPoint Address { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public DateTimeOffset StartedAt { get; private set; }

    /// <summary>Starts a program that was built beside this one.</summary>
    /// <param name="program">Its file.</param>
    /// <param name="arguments">Where <c>{port}</c> stands, the port that was chosen is put.</param>
    /// <param name="folder">Its working folder.</param>
    /// <param name="time">For its patience.</param>
    public static RunningProcess Start(string program, IEnumerable<string> arguments, string folder, TimeProvider time)
    {
        var port = FreePort();
        var text = port.ToString(CultureInfo.InvariantCulture);
        var process = new RunningProcess(
            program, arguments.Select(argument => argument.Replace("{port}", text, StringComparison.Ordinal)), folder,
            new IPEndPoint(IPAddress.Loopback, port), time);
        process.StartedAt = time.GetUtcNow();
        process._process.Start();
        process._process.BeginOutputReadLine();
        process._process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Waits until <c>/readyz</c> says so.</summary>
    /// <returns>When it did.</returns>
    public async Task<DateTimeOffset> ReadyAsync(CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        using var http = new HttpClient { BaseAddress = new Uri($"http://{Address}") };
        while (!await IsReadyAsync(http, cancellationToken))
        {
            if (HasExited || _time.GetElapsedTime(began) > StartPatience)
                throw new BenchmarkException($"{_process.StartInfo.FileName} didn't become ready. Its output:\n{Output()}");
            await Task.Delay(PollEvery, _time, cancellationToken);
        }

        return _time.GetUtcNow();
    }

    /// <summary>SIGSTOP.</summary>
    public void Pause() => Signal.Send(Id, Freeze);

    /// <summary>SIGCONT.</summary>
    public void Continue() => Signal.Send(Id, Thaw);

    /// <summary>SIGKILL: nothing is tidied up.</summary>
    public async Task KillAsync()
    {
        Signal.Send(Id, Signal.Kill);
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>SIGTERM; SIGKILL where that doesn't help.</summary>
    public async Task StopAsync()
    {
        if (HasExited)
            return;
        try
        {
            Signal.Send(Id, Thaw);
            Signal.Send(Id, Terminate);
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(StopPatience, _time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    /// <summary>The end of what the process said.</summary>
    public string Output()
    {
        lock (_output)
            return _output.ToString();
    }

    private static ProcessStartInfo StartInfo(string program, IEnumerable<string> arguments, string folder)
    {
        var info = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, program), arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false,
            WorkingDirectory = folder,
        };
        foreach (var name in Generator.OneThread.Keys)
            info.Environment.Remove(name);
        info.Environment["BENCH_SECRET"] = Deliveries.Secret;
        info.Environment["BENCH_CRM_TOKEN"] = "nobody-is-called";
        // How often it looks whether the account that the benchmark holds has become free.
        info.Environment["CRMGRAINS__Outbox__PollInterval"] = "00:00:20";
        return info;
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("/readyz", UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // A port that nobody has at the moment. Nobody else is told it, so nobody else takes it in the second until it is used.
    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket.LocalEndPoint is IPEndPoint bound ? bound.Port : throw new BenchmarkException("There is no free port.");
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
            if (_output.Length > KeptOutput)
                _output.Remove(0, _output.Length - KeptOutput);
        }
    }
}

/// <summary>A measurement can't go on; the message says why.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
