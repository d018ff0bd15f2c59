using System.Diagnostics;
using System.Text.RegularExpressions;
using CrmGrains.Runtime.Postgres;

namespace CrmGrains.Faults.Cluster;

/// <summary>A program that serves HTTP on loopback, started as an operator would start it; its output goes to a file.</summary>
internal sealed partial class ServedProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private const int Stop = 19;
    /// <summary>SIGCONT.</summary>
    public const int Continue = 18;

    private const int KeptLines = 60;

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Reaper _reaper;
    private readonly StreamWriter _log;
    private readonly Queue<string> _tail = [];
    private readonly TaskCompletionSource<string> _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Guid> _silo = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServedProcess(ProcessStartInfo start, string log, Reaper reaper)
    {
        _log = new StreamWriter(log, append: true) { AutoFlush = true };
        StartedAt = TimeProvider.System.GetUtcNow();
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} was not started.");
        Id = _process.Id;
        _reaper = reaper;
        _reaper.Started(Id);
        _process.OutputDataReceived += (_, line) => Heard(line.Data);
        _process.ErrorDataReceived += (_, line) => Heard(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id { get; }

    public DateTimeOffset StartedAt { get; }

    /// <summary>When it listened.</summary>
    public DateTimeOffset ServingAt { get; private set; }

    /// <summary>Where it listens, as it said itself.</summary>
    public string Url { get; private set; } = "";

    /// <summary>The silo that it runs, as partitions and ledger entries name it.</summary>
    public Task<Guid> Silo => _silo.Task;

    public bool IsRunning => !_process.HasExited;

    /// <summary>Starts a built program, and returns when it listens.</summary>
    /// <param name="assembly">Its <c>.dll</c>.</param>
    /// <exception cref="ClusterException">It ended again, or doesn't listen in time.</exception>
    public static async Task<ServedProcess> StartAsync(
        string assembly, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string log, Reaper reaper,
        CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", assembly, .. arguments])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("CRMGRAINS", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var served = new ServedProcess(start, log, reaper);
        try
        {
            var ended = served._process.WaitForExitAsync(cancellationToken);
            if (await Task.WhenAny(served._serving.Task, ended).WaitAsync(LongestStart, cancellationToken) == ended)
                throw new ClusterException($"{Path.GetFileName(assembly)} ended at once. The end of its output:\n{served.Tail()}");
            served.Url = await served._serving.Task;
            served.ServingAt = TimeProvider.System.GetUtcNow();
            return served;
        }
        catch (Exception exception)
        {
            await served.KillAsync();
            await served.DisposeAsync();
            if (exception is TimeoutException)
                throw new ClusterException($"{Path.GetFileName(assembly)} didn't listen within {LongestStart}:\n{served.Tail()}");
            throw;
        }
    }

    /// <summary>SIGKILL: nothing is tidied up.</summary>
    public async Task KillAsync()
    {
        if (IsRunning)
            _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>SIGSTOP: it stays as it is, connections and locks included.</summary>
    public void Freeze() => Signal.Send(Id, Stop);

    /// <summary>SIGCONT: it goes on as if nothing had been.</summary>
    public void Thaw() => Signal.Send(Id, Continue);

    /// <summary>SIGTERM; by force where that takes too long.</summary>
    public async Task StopAsync()
    {
        Signal.Send(Id, Terminate);
        try
        {
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(LongestStop);
        }
        catch (TimeoutException)
        {
            await KillAsync();
        }
    }

    /// <summary>The end of what it said.</summary>
    public string Tail()
    {
        lock (_tail)
            return string.Join('\n', _tail);
    }

    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
            await StopAsync();
        _reaper.Ended(Id);
        _process.Dispose();
        lock (_tail)
            _log.Dispose();
    }

    private void Heard(string? line)
    {
        if (line is null)
            return;
        lock (_tail)
        {
            _tail.Enqueue(line);
            if (_tail.Count > KeptLines)
                _tail.Dequeue();
            if (_log.BaseStream.CanWrite)
                _log.WriteLine(line);
        }

        if (ServesAt().Match(line) is { Success: true } serves)
            _serving.TrySetResult(serves.Groups["url"].Value);
        if (RunsSilo().Match(line) is { Success: true } runs && Guid.TryParse(runs.Groups["silo"].Value, out var silo))
            _silo.TrySetResult(silo);
    }

    // The host says the first, the sandbox the second.
    [GeneratedRegex(
        @"(CrmGrains serves .* at|Now listening on:) (?<url>http://127\.0\.0\.1:[1-9][0-9]*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ServesAt();

    [GeneratedRegex("Silo (?<silo>[0-9a-f-]{36}) runs", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RunsSilo();
}

/// <summary>The cluster can't be set up or healed; the message says why.</summary>
internal sealed class ClusterException(string message) : Exception(message);
