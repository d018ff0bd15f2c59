using System.Globalization;

namespace CrmGrains.Benchmarks.Measures;

/// <summary>Memory from <c>/proc</c>, in MiB.</summary>
internal static class Memory
{
    /// <summary>The most that a process ever had resident.</summary>
    public static double PeakOf(int pid) => Read($"/proc/{pid}/status", "VmHWM:");

    /// <summary>What a process has resident now.</summary>
    public static double Of(int pid) => Read($"/proc/{pid}/status", "VmRSS:");

    /// <summary>What a PostgreSQL server has now; memory that its processes share is counted once.</summary>
    public static double OfFamily(int pid) => ProcessTimes.Children(pid).Append(pid).Sum(one => Read($"/proc/{one}/smaps_rollup", "Pss:"));

    private static double Read(string path, string field)
    {
        try
        {
            var line = File.ReadLines(path).FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024.0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;  // it has ended meanwhile
        }
    }
}
