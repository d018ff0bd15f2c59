using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using CrmGrains.Benchmarks.Runs;
using CrmGrains.Benchmarks.Servers;
using CrmGrains.Runtime.Postgres;
using Npgsql;

namespace CrmGrains.Benchmarks;

/// <summary>The tables of the README beside this file, between its markers.</summary>
internal static class ReadmeTable
{
    private const string Begin = "<!-- figures: begin -->";
    private const string End = "<!-- figures: end -->";

    /// <summary>Replaces what stands between the markers.</summary>
    public static async Task WriteAsync(IReadOnlyList<Section> sections, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var path = PathOf("README.md");
        var readme = await File.ReadAllTextAsync(path, cancellationToken);
        var (begin, end) = (readme.IndexOf(Begin, StringComparison.Ordinal), readme.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
            throw new BenchmarkException($"{path} has no markers {Begin} and {End}.");
        var text = new StringBuilder(readme[..(begin + Begin.Length)]);
        text.Append(CultureInfo.InvariantCulture, $"\nMeasured {now:yyyy-MM-dd} on {await MachineAsync(cancellationToken)}, by `all`; each table by its own command too.\n");
        foreach (var section in sections)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### `{section.Command}`\n\n");
            foreach (var line in section.Lines)
                text.Append(line).Append('\n');
        }

        await File.WriteAllTextAsync(path, text.Append(readme[end..]).ToString(), cancellationToken);
    }

    /// <summary>A file beside this one, in the source.</summary>
    public static string PathOf(string name) => Path.Combine(Path.GetDirectoryName(ThisFile()) ?? ".", name);

    private static string ThisFile([CallerFilePath] string here = "") => here;

    private static async Task<string> MachineAsync(CancellationToken cancellationToken)
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024);
        var postgres = await PostgresBinaries.FindAsync(clusterMajor: null, cancellationToken);
        var version = await Command.RunAsync([postgres.Postgres, "--version"], cancellationToken);
        return string.Create(CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores ({model}), {memory:0} GiB, {RuntimeInformation.OSDescription}, .NET {Environment.Version}, Npgsql {typeof(NpgsqlConnection).Assembly.GetName().Version?.ToString(3)}, {version.Output.Trim()}");
    }
}
