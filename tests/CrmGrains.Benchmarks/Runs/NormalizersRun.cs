using System.Diagnostics;
using System.Text.Json;
using CrmGrains.Benchmarks.Servers;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Json;
using CrmGrains.Host.Configuration;
using CrmGrains.Host.Samples;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>
/// What it costs to make the contract's events of a delivery: read, validated and written as they are stored, beside parsing the same body
/// and nothing more. On one core, without a database.
/// </summary>
internal sealed class NormalizersRun(RunOptions options)
{
    private const double BarMicroseconds = 20;
    private const int Round = 200;
    private const string Workspace = "demo";

    private static readonly DateTimeOffset Received = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Measures every format over its samples in the demo workspace.</summary>
    public Section Run()
    {
        var workspace = Read();
        var section = new Section("normalizers")
            .Line($"Normalizing a delivery, by format, over its samples:")
            .Table("format", "µs a delivery", "µs an event", "µs to parse its JSON only", "times");
        var perEvent = new List<double>();
        foreach (var source in workspace.Sources.Values.OrderBy(source => source.Format, StringComparer.Ordinal))
        {
            var deliveries = FormatSample.Of(source.Format).Select(sample => new RawDelivery(Guid.CreateVersion7(Received), Received, sample.Body())
            {
                ContentType = sample.Headers()["Content-Type"],
                Headers = sample.Headers().ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value, StringComparer.Ordinal),
            }).ToList();
            var format = SourceFormats.For(source.Format);
            var events = deliveries.Sum(delivery => format.Normalize(delivery, source, workspace).Count) / (double)deliveries.Count;
            var took = Measure(deliveries, delivery =>
            {
                foreach (var one in format.Normalize(delivery, source, workspace).OfType<Normalized.Event>())
                    JsonSerializer.SerializeToUtf8Bytes(one.Value, CoreJson.Default.ContractEvent);
            });
            var json = deliveries.Where(delivery => delivery.Body.Span.StartsWith("{"u8) || delivery.Body.Span.StartsWith("["u8)).ToList();
            var parsed = json.Count == 0 ? double.NaN : Measure(json, delivery => JsonDocument.Parse(delivery.Body).Dispose());
            perEvent.Add(took / events);
            section.Line($"| {source.Format} | {took:0.0} | {took / events:0.0} | {parsed:0.0} | {took / parsed:0.0} |");
            section.Figure($"{source.Format}_us_per_event", took / events, 1);
        }

        return section.Line($"").Line($"- {perEvent.Average():0.0} µs an event on average (goal: under {BarMicroseconds:0})")
            .Figure("average_us_per_event", perEvent.Average(), 1);
    }

    private double Measure(List<RawDelivery> deliveries, Action<RawDelivery> work)
    {
        var best = double.MaxValue;
        var until = Stopwatch.GetTimestamp() + (long)(Stopwatch.Frequency * (options.IsQuick ? 0.2 : 1));

        // The first rounds compile. The best one is the least disturbed.
        while (Stopwatch.GetTimestamp() < until)
        {
            var began = Stopwatch.GetTimestamp();
            for (var i = 0; i < Round; i++)
                work(deliveries[i % deliveries.Count]);
            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalMicroseconds / Round);
        }

        return best;
    }

    /// <summary>The demo workspace.</summary>
    public static WorkspaceConfiguration Read()
    {
        var path = Path.Combine(AppContext.BaseDirectory, Workspace, $"{Workspace}.yaml");
        return WorkspaceFile.Parse(path, File.ReadAllText(path)).Configuration ?? throw new BenchmarkException($"{path} has faults.");
    }
}
