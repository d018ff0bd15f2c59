using System.Globalization;
using CrmGrains.Runtime.Postgres;

namespace CrmGrains.Faults.Cluster;

/// <summary>A small disk in memory, mounted on a folder; it can be filled up, and room be made again.</summary>
internal sealed class TmpfsFolder
{
    // In the mask of the process's effective capabilities.
    private const ulong SysAdmin = 1UL << 21;

    private const int BlockBytes = 64 * 1024;

    private readonly string _ballast;

    private TmpfsFolder(string folder) => _ballast = Path.Combine(folder, "ballast");

    /// <summary>Whether this process may mount at all. A container may refuse it nevertheless.</summary>
    public static bool MayMount => File.ReadLines("/proc/self/status")
        .FirstOrDefault(line => line.StartsWith("CapEff:", StringComparison.Ordinal))
        is { } line && (ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & SysAdmin) != 0;

    /// <summary>Mounts one; null where this process may not mount.</summary>
    /// <param name="reaper">Takes it away when the run is gone.</param>
    public static async Task<TmpfsFolder?> TryMountAsync(string folder, long bytes, Reaper reaper, CancellationToken cancellationToken)
    {
        var mount = await Command.RunAsync(["mount", "-t", "tmpfs", "-o", $"size={bytes},mode=0755", "tmpfs", folder], cancellationToken);
        if (mount.ExitCode != 0)
            return null;
        reaper.Mounted(folder);
        return new TmpfsFolder(folder);
    }

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        var block = new byte[BlockBytes];
        using var file = new FileStream(_ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
                file.Write(block);
        }
        catch (IOException)
        {
            // It is full now.
        }
    }

    /// <summary>Gives it back.</summary>
    public void MakeRoom() => File.Delete(_ballast);
}
