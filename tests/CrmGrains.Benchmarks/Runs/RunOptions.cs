namespace CrmGrains.Benchmarks.Runs;

/// <summary>What a benchmark was asked for.</summary>
internal sealed record RunOptions
{
    /// <summary>How long requests are sent in each run.</summary>
    public required int Seconds { get; init; }

    /// <summary>Runs of each subject; figures are their medians.</summary>
    public required int Runs { get; init; }

    /// <summary>Requests in flight at most.</summary>
    public required int Connections { get; init; }

    /// <summary>Whether the last line is a JSON object.</summary>
    public bool IsJson { get; init; }

    /// <summary>Whether it is a trial: little of everything.</summary>
    public bool IsQuick { get; init; }

    /// <summary>Contenders of <c>throughput</c>; none: all.</summary>
    public IReadOnlyList<Servers.Contender> Only { get; init; } = [];

    /// <summary>Customers of <c>many-keys</c>.</summary>
    public int Keys { get; init; } = 1_000_000;

    /// <summary>Events that wait in <c>backlog</c>.</summary>
    public int Events { get; init; } = 200_000;

    /// <summary>Length of <c>held-snapshot</c>, each variant.</summary>
    public double Minutes { get; init; } = 2;

    /// <summary>What <c>held-snapshot</c> holds, beside nothing.</summary>
    public IReadOnlyList<Servers.Hold> Holds { get; init; } = [Servers.Hold.Snapshot, Servers.Hold.Writer];

    /// <summary>The same benchmarks, to see whether they work.</summary>
    public RunOptions ForATrial() =>
        this with { IsQuick = true, Seconds = 3, Runs = 1, Keys = 20_000, Events = 10_000, Minutes = 0.4 };
}
