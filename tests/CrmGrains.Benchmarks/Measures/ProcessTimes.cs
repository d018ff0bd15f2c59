using System.Globalization;

namespace CrmGrains.Benchmarks.Measures;

/// <summary>CPU seconds from <c>/proc</c>.</summary>
internal static class ProcessTimes
{
    // Fields of /proc/[pid]/stat, counted from what follows the command's name.
    private const int Parent = 1;
    private const int User = 11;
    private const int System = 12;
    private const int ReapedUser = 13;
    private const int ReapedSystem = 14;
    private const double TicksPerSecond = 100;  // USER_HZ, the same on every Linux that .NET runs on

    /// <summary>Of one process.</summary>
    public static double OfProcess(int pid) => Stat(pid) is { } stat ? (stat[User] + stat[System]) / TicksPerSecond : 0;

    /// <summary>Of a process and its children, those that have ended included: a PostgreSQL server.</summary>
    public static double OfFamily(int pid) => Stat(pid) is { } stat
        ? (stat[User] + stat[System] + stat[ReapedUser] + stat[ReapedSystem]) / TicksPerSecond + Children(pid).Sum(OfProcess)
        : 0;

    /// <summary>Of everything on this machine: busy in any way, time stolen by the hypervisor included.</summary>
    public static double OfMachine()
    {
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]
            .Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        // user nice system idle iowait irq softirq steal
        return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7]) / TicksPerSecond;
    }

    public static IReadOnlyList<int> Children(int pid) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var child) ? child : 0)
            .Where(child => child > 0 && Stat(child) is { } stat && stat[Parent] == pid),
    ];

    private static long[]? Stat(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return [.. text[(text.LastIndexOf(')') + 2)..].Split(' ').Take(ReapedSystem + 1)
                .Select(field => long.TryParse(field, CultureInfo.InvariantCulture, out var number) ? number : 0)];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
