using System.Globalization;

namespace CrmGrains.Faults.Cluster;

/// <summary>Which connections are a process's, as the kernel says.</summary>
internal static class TcpSockets
{
    /// <summary>The local ports of a process's TCP connections.</summary>
    public static IReadOnlySet<int> PortsOf(int pid)
    {
        var inodes = InodesOf(pid);
        return File.ReadLines($"/proc/{pid}/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            // The second column is the local address and port in hex, the tenth the socket's inode.
            .Where(columns => columns.Length > 9 && inodes.Contains(columns[9]))
            .Select(columns => int.Parse(
                columns[1].AsSpan(columns[1].IndexOf(':', StringComparison.Ordinal) + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture))
            .ToHashSet();
    }

    private static HashSet<string> InodesOf(int pid)
    {
        var inodes = new HashSet<string>();
        foreach (var descriptor in new DirectoryInfo($"/proc/{pid}/fd").GetFiles())
        {
            // socket:[12345]
            if (descriptor.LinkTarget is { } target && target.StartsWith("socket:[", StringComparison.Ordinal))
                inodes.Add(target[8..^1]);
        }

        return inodes;
    }
}
