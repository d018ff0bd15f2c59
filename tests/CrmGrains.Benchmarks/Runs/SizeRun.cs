using System.Text.Json.Nodes;
using CrmGrains.Benchmarks.Measures;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>Bytes of PostgreSQL for each event, and what each is for.</summary>
internal sealed class SizeRun(RunOptions options, MeasuredRun measured)
{
    public async Task<Section> RunAsync(CancellationToken cancellationToken)
    {
        var run = await measured.RunAsync(new Subject("size") { HasWal = true }, cancellationToken);
        var section = new Section($"size --seconds {options.Seconds} --connections {options.Connections}");
        section.Line($"Bytes of PostgreSQL for each event, over {run.Events:N0} events at full speed (what grew by less than a byte is left out):")
            .Table("table, or table: index", "bytes an event", "what it is for");
        var bytes = new JsonObject();
        foreach (var (name, size) in run.Sizes)
        {
            section.Line($"| {name} | {size:N0} | {Purposes.For(name)} |");
            bytes[name] = Math.Round(size);
        }

        section.Json["bytes_per_event"] = bytes;
        var stored = run.Sizes.Where(one => one.Name != Sizes.Log).ToList();
        var tables = stored.Where(one => !one.Name.Contains(": ", StringComparison.Ordinal)).Sum(one => one.Bytes);
        var indexes = stored.Sum(one => one.Bytes) - tables;
        section.Line($"| all tables | {tables:N0} | |").Line($"| all indexes | {indexes:N0} | |").Line($"");
        section.Figure("events", run.Events, 0)
            .Figure("table_bytes", tables, 0)
            .Figure("index_bytes", indexes, 0)
            .Figure("wal_bytes", run.Sizes.First(one => one.Name == Sizes.Log).Bytes, 0);
        if (run.Wal is not { Wal: { } wal })
            return section.Line($"What the log consists of can't be told. {run.Wal?.Fault}");

        double PerEvent(long of) => of / (double)run.Events;
        section.Line($"Of the log {PerEvent(wal.Records):N0} bytes an event are records and {PerEvent(wal.Images):N0} are whole pages, compressed, which the first change of each after a checkpoint logs.")
            .Line($"By what wrote it: {string.Join(", ", wal.ByKind.Select(kind => FormattableString.Invariant($"{kind.Kind} {PerEvent(kind.Bytes):N0}")))}.");
        return section.Figure("wal_record_bytes", PerEvent(wal.Records), 0).Figure("wal_page_image_bytes", PerEvent(wal.Images), 0);
    }
}
