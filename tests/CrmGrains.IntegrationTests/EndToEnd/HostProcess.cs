using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>A process that serves.</summary>
internal sealed partial class HostProcess : ServingHost
{
    private const int Terminate = 15;

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Process _reaper;
    private readonly TaskCompletionSource<string> _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(Process process)
    {
        _process = process;
        _reaper = StartReaper(process.Id);
        _process.OutputDataReceived += (_, line) => Heard(line.Data);
        _process.ErrorDataReceived += (_, line) => Heard(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool IsRunning => !_process.HasExited;

    /// <summary>Starts <c>serve</c> on a port that the system chooses, and returns when it listens.</summary>
    public static async Task<HostProcess> StartAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var host = Launch(environment, arguments);
        try
        {
            Assert.True(await host.ServesAsync(), $"The host didn't start:\n{host.Tail()}");
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts <c>serve</c> and returns at once.</summary>
    public static HostProcess Launch(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        new(BuiltProgram.Start(["serve", "--urls", "http://127.0.0.1:0", .. arguments], environment));

    /// <summary>Waits until it listens.</summary>
    /// <returns>False where it has ended before.</returns>
    public async Task<bool> ServesAsync()
    {
        await Task.WhenAny(_serving.Task, _process.WaitForExitAsync()).WaitAsync(LongestStart);
        if (_serving.Task.IsCompleted)
            Url = await _serving.Task;
        return _serving.Task.IsCompleted;
    }

    /// <summary>Waits until it has ended by itself.</summary>
    /// <param name="why">What it should end of, for a test that waits in vain.</param>
    /// <returns>Its exit code; 137 where it was SIGKILL.</returns>
    public async Task<int> EndsAsync(string why)
    {
        using var patience = new CancellationTokenSource(LongestStop);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"After {LongestStop} the host still hadn't ended of {why}:\n{Tail()}");
        }

        return _process.ExitCode;
    }

    /// <summary>SIGKILL: nothing is tidied up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and its exit code.</summary>
    public async Task<int> StopAsync()
    {
        Runtime.Postgres.Signal.Send(_process.Id, Terminate);
        using var patience = new CancellationTokenSource(LongestStop);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            Assert.Fail($"The host was still there {LongestStop} after SIGTERM:\n{Tail()}");
        }

        return _process.ExitCode;
    }

    public override async ValueTask DisposeAsync()
    {
        if (IsRunning)
            await StopAsync();
        _reaper.Kill();
        _reaper.Dispose();
        _process.Dispose();
    }

    private void Heard(string? line)
    {
        if (line is null)
            return;
        Logged(line);
        if (ServesAt().Match(line) is { Success: true } match)
            _serving.TrySetResult(match.Groups["url"].Value);
    }

    // A runner may kill the test process: then its pipe closes, and the host goes with it.
    private static Process StartReaper(int pid)
    {
        var start = new ProcessStartInfo(
            "setsid", ["sh", "-c", "cat >/dev/null; kill -KILL \"$0\"", pid.ToString(CultureInfo.InvariantCulture)])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException("The reaper was not started.");
    }

    [GeneratedRegex(@"CrmGrains serves .* at (?<url>http://127\.0\.0\.1:[1-9][0-9]*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ServesAt();
}
