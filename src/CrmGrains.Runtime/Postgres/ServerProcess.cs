using System.Diagnostics;

namespace CrmGrains.Runtime.Postgres;

/// <summary>A running postmaster, our child.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process) => _process = process;

    /// <summary>
    /// Starts the server in a session of its own, so that Ctrl-C in the terminal reaches only CrmGrains, which then stops it
    /// in order. Its output goes straight to a file: through a pipe, an orphan would lose it. Every program on the way
    /// replaces itself by the next, so the child is the postmaster.
    /// </summary>
    public static ServerProcess Start(IEnumerable<string> command, ServerLog log)
    {
        string[] session = OperatingSystem.IsLinux() ? ["setsid"] : [];
        return new ServerProcess(Command.Start(
            ["sh", "-c", "umask 077; exec \"$@\" </dev/null >>\"$0\" 2>&1", log.Path, .. session, .. command]));
    }

    public int Id => _process.Id;
    public bool HasExited => _process.HasExited;

    /// <summary>Waits until the server has ended, and tells its exit code.</summary>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Stops the server: fast, at once when that takes longer than <paramref name="patience"/>, by force at last.</summary>
    public async Task StopAsync(TimeSpan patience, TimeProvider time)
    {
        if (await EndedAfterAsync(Signal.FastShutdown, patience, time)) return;
        if (await EndedAfterAsync(Signal.ImmediateShutdown, TimeSpan.FromSeconds(10), time)) return;
        await EndedAfterAsync(Signal.Kill, TimeSpan.FromSeconds(10), time);
    }

    public void Dispose() => _process.Dispose();

    private async Task<bool> EndedAfterAsync(int signal, TimeSpan patience, TimeProvider time)
    {
        if (_process.HasExited) return true;
        Signal.Send(_process.Id, signal);
        try
        {
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(patience, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
