using System.Globalization;
using Microsoft.Extensions.Logging;

namespace CrmGrains.Runtime.Postgres;

/// <summary>
/// The processes of a server that outlived the CrmGrains that started it (<c>kill -9</c>), or outlived their postmaster.
/// Whoever looks holds the folder's lock, so nobody else can want them.
/// </summary>
internal sealed class Orphans(string cluster, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Ends them, as cleanly as they let us; afterwards nothing runs on this cluster. Only Linux tells us reliably whose a
    /// process is; elsewhere PostgreSQL itself refuses to start beside an orphan, and says so.
    /// </summary>
    /// <param name="patience">How long a clean end may take.</param>
    public async Task EndAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux()) return;
        if (PostmasterFile.Read(cluster) is { } leftover && IsOurs(leftover.Pid))
        {
            PostgresLog.OrphanFound(logger, leftover.Pid, cluster);
            Signal.Send(leftover.Pid, Signal.FastShutdown);
            await AllGoneAsync(patience, cancellationToken);
        }

        foreach (var signal in (int[])[Signal.ImmediateShutdown, Signal.Kill])
        {
            foreach (var pid in Running()) Signal.Send(pid, signal);
            if (await AllGoneAsync(TimeSpan.FromSeconds(10), cancellationToken))
            {
                PostmasterFile.MarkStale(cluster);
                return;
            }
        }

        throw new EmbeddedPostgresException($"The processes {string.Join(", ", Running())} run on {cluster} and can't be ended. End them by hand.");
    }

    private async Task<bool> AllGoneAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (Running().Any())
        {
            if (time.GetElapsedTime(start) > patience) return false;
            await Task.Delay(PollEvery, time, cancellationToken);
        }

        return true;
    }

    /// <summary>All processes of a server have the cluster as their current folder; a person's shell there is no <c>postgres</c>.</summary>
    private IEnumerable<int> Running() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
        .Where(pid => pid > 0 && IsOurs(pid));

    private bool IsOurs(int pid) =>
        Link($"/proc/{pid}/cwd") == cluster && Path.GetFileName(Link($"/proc/{pid}/exe") ?? "").StartsWith("postgres", StringComparison.Ordinal);

    private static string? Link(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;  // it ended meanwhile, or it is another user's
        }
    }
}
