using System.Diagnostics;

namespace CrmGrains.IntegrationTests.Databases;

/// <summary>
/// Ends a test run's server and removes its folder when the run ends, however it ends. A runner may kill the test process
/// before it has tidied up, so a shell outside of it does it: it reads a pipe from us, which closes with us.
/// </summary>
internal static class Reaper
{
    // The postmaster's pid is the first line of its lock file. SIGQUIT stops it at once; the data is thrown away anyway.
    private const string Script = """
        cat >/dev/null
        for i in 1 2 3; do
            pid=$(head -n 1 "$0/postgres/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"
            for j in 1 2 3 4 5 6 7 8 9 10; do [ -e "$0/postgres/postmaster.pid" ] && sleep 0.2; done
            rm -rf "$1" && exit
        done
        """;

    // Kept, since a collected process closes its pipe.
    private static readonly List<Process> Watching = [];

    /// <param name="dataFolder">Whose server to end.</param>
    /// <param name="folder">What to remove: the data folder or one above it.</param>
    public static void Watch(string dataFolder, string folder)
    {
        // In a session of its own, so that Ctrl-C doesn't end it first.
        var start = new ProcessStartInfo("setsid", ["sh", "-c", $"exec >/dev/null 2>&1\n{Script}", dataFolder, folder])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        lock (Watching) Watching.Add(Process.Start(start) ?? throw new InvalidOperationException("The reaper was not started."));
    }
}
