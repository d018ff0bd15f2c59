using System.Globalization;

namespace CrmGrains.Runtime.Postgres;

/// <summary>What a server says about itself in <c>postmaster.pid</c>, the lock file of its data folder.</summary>
/// <param name="SocketFolder">Null while it isn't known yet.</param>
internal sealed record PostmasterFile(int Pid, string? SocketFolder, bool IsReady)
{
    public static PostmasterFile? Read(string cluster)
    {
        try
        {
            // The lines: pid, data folder, start time, port, socket folder, address, shared memory, status.
            var lines = File.ReadAllLines(PathIn(cluster));
            return lines is [var first, ..] && int.TryParse(first, CultureInfo.InvariantCulture, out var pid)
                ? new PostmasterFile(
                    Math.Abs(pid),  // negative: single-user mode
                    lines.ElementAtOrDefault(4) is { Length: > 0 } folder ? folder : null,
                    lines.ElementAtOrDefault(7)?.Trim() == "ready")
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>
    /// Makes PostgreSQL see that a leftover file is one. It refuses to start while the pid in it is alive, although another
    /// program may have that pid by now. The pid of its own parent it takes for stale; the file must stay, since the shared
    /// memory that it names is how PostgreSQL notices processes of the dead server that still run.
    /// </summary>
    public static void MarkStale(string cluster)
    {
        var path = PathIn(cluster);
        if (!File.Exists(path)) return;
        var lines = File.ReadAllLines(path);
        if (lines.Length == 0) return;
        lines[0] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        File.WriteAllText(path, string.Join('\n', lines) + "\n");
    }

    private static string PathIn(string cluster) => Path.Combine(cluster, "postmaster.pid");
}
