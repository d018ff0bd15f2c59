using System.Diagnostics;
using System.Globalization;

namespace CrmGrains.Faults.Cluster;

/// <summary>
/// Ends what a run has started and removes its folder, however the run itself ends: a shell outside of it, which reads from a pipe that
/// closes with us. It is told of each process, so that it never ends one that took over the id of another.
/// </summary>
internal sealed class Reaper : IDisposable
{
    // A stopped process dies of SIGKILL too; PostgreSQL's sessions notice that their postmaster is gone.
    private const string Script = """
        exec >/dev/null 2>&1
        pids=' ' keep=false mounted=
        while read -r what name; do
            case "$what" in
                started) pids="$pids$name " ;;
                ended) pids="${pids%% $name *} ${pids#* $name }" ;;
                mounted) mounted="$name" ;;
                keep) keep=true ;;
            esac
        done
        kill -KILL $pids
        for i in 1 2 3 4 5 6 7 8 9 10; do
            if [ -n "$mounted" ]; then umount "$mounted" && mounted=; fi
            if [ -z "$mounted" ]; then
                if $keep; then exit; fi
                rm -rf "$0" && exit
            fi
            sleep 0.3
        done
        """;

    private readonly Process _shell;

    public Reaper(string folder)
    {
        // In a session of its own, so that Ctrl-C doesn't end it first.
        var start = new ProcessStartInfo("setsid", ["sh", "-c", Script, folder])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        _shell = Process.Start(start) ?? throw new InvalidOperationException("The reaper was not started.");
    }

    public void Started(int pid) => Tell("started", pid.ToString(CultureInfo.InvariantCulture));

    public void Ended(int pid) => Tell("ended", pid.ToString(CultureInfo.InvariantCulture));

    /// <summary>A file system to be taken away with the folder.</summary>
    public void Mounted(string folder) => Tell("mounted", folder);

    /// <summary>The folder stays: it holds what a failure is explained with.</summary>
    public void Keep() => Tell("keep", "");

    public void Dispose()
    {
        _shell.StandardInput.Close();
        _shell.WaitForExit(TimeSpan.FromSeconds(10));
        _shell.Dispose();
    }

    private void Tell(string what, string name)
    {
        lock (_shell)
        {
            _shell.StandardInput.WriteLine($"{what} {name}");
            _shell.StandardInput.Flush();
        }
    }
}
