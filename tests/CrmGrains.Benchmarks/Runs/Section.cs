using System.Globalization;
using System.Text.Json.Nodes;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>What a benchmark has to say: for a reader, for the README and for a program.</summary>
internal sealed class Section(string command)
{
    private readonly List<string> _lines = [];

    /// <summary>What shows it again.</summary>
    public string Command => command;

    /// <summary>Markdown.</summary>
    public IReadOnlyList<string> Lines => _lines;

    public JsonObject Json { get; } = [];

    /// <summary>Adds a line.</summary>
    public Section Line(FormattableString line)
    {
        _lines.Add(line.ToString(CultureInfo.InvariantCulture));
        return this;
    }

    /// <summary>Adds the head of a table.</summary>
    public Section Table(params string[] columns)
    {
        _lines.Add("");
        _lines.Add($"| {string.Join(" | ", columns)} |");
        _lines.Add($"|{string.Concat(Enumerable.Repeat("---|", columns.Length))}");
        return this;
    }

    /// <summary>Adds a figure to the object; null where there is none.</summary>
    public Section Figure(string name, double figure, int digits = 2)
    {
        Json[name] = double.IsFinite(figure) ? Math.Round(figure, digits) : null;
        return this;
    }

    /// <summary>Adds the figures of runs at full speed or a rate.</summary>
    public Section Figures(Medians ours) => this
        .Figure("ack_p50_ms", ours.AckP50Ms)
        .Figure("ack_p99_ms", ours.AckP99Ms)
        .Figure("ledger_p50_ms", ours.LedgerP50Ms)
        .Figure("ledger_p99_ms", ours.LedgerP99Ms)
        .Figure("cpu_s_per_1000", ours.CpuSecondsPer1000, 4)
        .Figure("host_cpu_s_per_1000", ours.HostCpuPer1000, 4)
        .Figure("postgres_cpu_s_per_1000", ours.PostgresCpuPer1000, 4)
        .Figure("peak_mib", ours.PeakMib, 0)
        .Figure("postgres_peak_mib", ours.PostgresPeakMib, 0)
        .Figure("other_cores", ours.OtherCores);

    /// <summary>Adds a table with a row for each of the subjects.</summary>
    public Section Speeds(IReadOnlyList<Medians> subjects)
    {
        Table("", "events/s (least to most)", "ack p50 / p99 ms", "POST to ledger p50 / p99 ms", "CPU s per 1,000: host + PostgreSQL",
            "peak MiB: process, PostgreSQL", "limit");
        foreach (var one in subjects)
            Line($"| {one.Subject.Name} | {one.EventsPerSecond:N0} ({one.Least:N0} to {one.Most:N0}) | {one.AckP50Ms:0.0} / {one.AckP99Ms:0.0} | {one.LedgerP50Ms:0.0} / {one.LedgerP99Ms:0.0} | {one.CpuSecondsPer1000:0.000}: {one.HostCpuPer1000:0.000} + {one.PostgresCpuPer1000:0.000} | {one.PeakMib:0}, {one.PostgresPeakMib:0} | {one.Limit} |");
        return this;
    }
}
