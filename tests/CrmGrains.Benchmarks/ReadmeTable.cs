using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using CrmGrains.Benchmarks.Runs;
using CrmGrains.Benchmarks.Servers;
using Npgsql;

namespace CrmGrains.Benchmarks;

/// <summary>The tables of the README beside this file, between its markers.</summary>
internal static class ReadmeTable
{
    private const string Begin = "<!-- figures: begin -->";
    private const string End = "<!-- figures: end -->";

    /// <summary>Replaces what stands between the markers.</summary>
    public static async Task WriteAsync(
        RunOptions options, IReadOnlyList<Medians> throughput, IReadOnlyList<(double PerSecond, Medians Figures)> rates, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var path = PathOf();
        var readme = await File.ReadAllTextAsync(path, cancellationToken);
        var (begin, end) = (readme.IndexOf(Begin, StringComparison.Ordinal), readme.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
            throw new BenchmarkException($"{path} has no markers {Begin} and {End}.");
        await File.WriteAllTextAsync(
            path, readme[..(begin + Begin.Length)] + "\n" + Tables(options, throughput, rates, now) + readme[end..], cancellationToken);
    }

    private static string Tables(
        RunOptions options, IReadOnlyList<Medians> throughput, IReadOnlyList<(double PerSecond, Medians Figures)> rates, DateTimeOffset now)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

        Line($"Measured {now:yyyy-MM-dd} with `all --runs {options.Runs} --seconds {options.Seconds} --connections {options.Connections}` on {Machine()}, PostgreSQL {throughput[0].Runs[0].PostgresVersion}.");
        Line($"Other programs used {throughput.Concat(rates.Select(rate => rate.Figures)).SelectMany(one => one.Runs).Max(run => run.Usage.OtherCores):0.00} cores at most meanwhile.");
        Line($"");
        Line($"At full speed (`throughput`), medians with the least and the most:");
        Line($"");
        Line($"| | events/s | ack p50 / p99 ms | POST to ledger p50 / p99 ms | CPU s per 1,000 | peak MiB: process, PostgreSQL |");
        Line($"|---|---|---|---|---|---|");
        foreach (var one in throughput)
        {
            var (least, most) = (one.Runs.Min(run => run.EventsPerSecond), one.Runs.Max(run => run.EventsPerSecond));
            Line($"| {NameOf(one.Contender)} | {one.EventsPerSecond:N0} ({least:N0} to {most:N0}) | {one.AckP50Ms:0.0} / {one.AckP99Ms:0.0} | {one.LedgerP50Ms:N0} / {one.LedgerP99Ms:N0} | {one.CpuSecondsPer1000:0.000} | {one.PeakMib:0}, {one.PostgresPeakMib:0} |");
        }

        var ours = throughput[0];
        Line($"");
        Line($"That is {string.Join(" and ", throughput.Skip(1).Select(one => $"{Ratio(ours, one)} times {NameOf(one.Contender)}"))}.");
        Line($"");
        Line($"CrmGrains at a steady rate (`rate <requests/s>`):");
        Line($"");
        Line($"| requests/s | ack p50 / p99 ms | POST to ledger p50 / p99 ms | CPU s per 1,000 | peak MiB: process, PostgreSQL |");
        Line($"|---|---|---|---|---|");
        foreach (var (perSecond, one) in rates)
            Line($"| {perSecond:N0} | {one.AckP50Ms:0.0} / {one.AckP99Ms:0.0} | {one.LedgerP50Ms:0.0} / {one.LedgerP99Ms:0.0} | {one.CpuSecondsPer1000:0.000} | {one.PeakMib:0}, {one.PostgresPeakMib:0} |");
        Line($"");
        Line($"Bytes of PostgreSQL for each event, at full speed (what grew by less than a byte is left out):");
        Line($"");
        Line($"| table, or table: index | bytes |");
        Line($"|---|---|");
        foreach (var (name, bytes) in ours.Runs[^1].Sizes)
            Line($"| {name} | {bytes:N0} |");
        return text.ToString();
    }

    private static string Ratio(Medians ours, Medians other) =>
        string.Create(CultureInfo.InvariantCulture, $"{ours.EventsPerSecond / other.EventsPerSecond:0.0}");

    private static string NameOf(Contender contender) => contender switch
    {
        Contender.CrmGrains => "CrmGrains",
        Contender.Dapper => "the plain handler with Dapper",
        _ => "the plain handler with a stored function",
    };

    private static string Machine()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024);
        return string.Create(CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores ({model}), {memory:0} GiB, {RuntimeInformation.OSDescription}, .NET {Environment.Version}, Npgsql {typeof(NpgsqlConnection).Assembly.GetName().Version?.ToString(3)}");
    }

    private static string PathOf([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here) ?? ".", "README.md");
}
