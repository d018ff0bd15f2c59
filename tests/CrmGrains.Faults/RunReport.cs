using System.Text.Json.Nodes;
using CrmGrains.Checker;
using CrmGrains.Faults.Plan;

namespace CrmGrains.Faults;

/// <summary>What a run came to.</summary>
internal sealed record RunReport
{
    private const int MostShown = 30;

    public required RunOptions Options { get; init; }

    public required CheckReport Found { get; init; }

    public required IReadOnlyList<Struck> Struck { get; init; }

    public required IReadOnlyList<SentDelivery> Sent { get; init; }

    /// <summary>What is wrong besides the history: something was left to do, a process ended, an answer was strange.</summary>
    public required IReadOnlyList<string> Others { get; init; }

    public required TimeSpan Took { get; init; }

    public bool IsClean => Found.IsClean && Others.Count == 0;

    /// <summary>One object, for the last line.</summary>
    public string ToJson() => new JsonObject
    {
        ["acknowledged"] = Found.Acknowledged,
        ["lost"] = Found.Lost,
        ["doubled"] = Found.Doubled,
        ["overlaps"] = Found.Overlaps,
        ["reordered"] = Found.Reordered,
        ["violations"] = Found.Violations.Count + Others.Count,
        ["faults"] = Struck.Count(one => one.Error is null),
        ["faults_by_kind"] = new JsonObject(
            ByKind().Select(kind => KeyValuePair.Create<string, JsonNode?>(kind.Kind, JsonValue.Create(kind.Count)))),
        ["attempts"] = Sent.Count,
        ["longest_wait_ms"] = new JsonObject(
            ByKind().Select(kind => KeyValuePair.Create<string, JsonNode?>(kind.Kind, JsonValue.Create(Math.Round(kind.LongestWaitMs))))),
        ["seed"] = Options.Seed,
        ["seconds"] = Options.Seconds,
    }.ToJsonString();

    /// <summary>For people.</summary>
    public override string ToString() => string.Join('\n', (IEnumerable<string>)
    [
        $"{Found.Acknowledged} deliveries acknowledged in {Sent.Count} attempts; answers: {Answers()}",
        $"lost {Found.Lost}, doubled {Found.Doubled}, overlaps {Found.Overlaps}, reordered {Found.Reordered}",
        $"{Struck.Count} faults in {Options.Seconds} s (seed {Options.Seed}, all of it {Took.TotalSeconds:0} s). "
        + "With the longest wait of an event around each:",
        .. Struck.Select(one => $"  {one.Strike}: {one.LongestWaitMs,6:0} ms {one.Error}"),
        .. Found.Violations.Select(violation => violation.ToString()).Concat(Others).Take(MostShown)
            .Select(violation => $"VIOLATION {violation}"),
        IsClean ? "Nothing is violated." : $"{Found.Violations.Count + Others.Count} violations.",
    ]);

    // One that went wrong in the doing counts for nothing.
    private IEnumerable<(string Kind, int Count, double LongestWaitMs)> ByKind() => Struck.Where(one => one.Error is null)
        .GroupBy(one => one.Strike.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal)
        .Select(kind => (kind.Key, kind.Count(), kind.Max(one => one.LongestWaitMs)));

    private string Answers() => string.Join(", ", Sent.GroupBy(one => one.Status).OrderBy(status => status.Key)
        .Select(status => status.Key is { } code ? $"{status.Count()} x {code}" : $"{status.Count()} x none"));
}
