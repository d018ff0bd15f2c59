using CrmGrains.Benchmarks.Measures;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>What one run of one subject showed.</summary>
internal sealed record RunFigures
{
    /// <summary>Different events that reached the ledger, over the time from the first request to the last entry.</summary>
    public required double EventsPerSecond { get; init; }

    /// <summary>Requests answered 202, repeats included, over the same time.</summary>
    public required double DeliveriesPerSecond { get; init; }

    public required int Events { get; init; }

    public required double CommandsPerEvent { get; init; }

    /// <summary>Requests that weren't answered 202.</summary>
    public required int Refused { get; init; }

    public required double AckP50Ms { get; init; }

    public required double AckP99Ms { get; init; }

    public required double LedgerP50Ms { get; init; }

    public required double LedgerP99Ms { get; init; }

    public required UsageReport Usage { get; init; }

    /// <summary>Bytes of PostgreSQL for each event, by table and index, the log last.</summary>
    public required IReadOnlyList<(string Name, double Bytes)> Sizes { get; init; }

    /// <summary>The server's version, for example <c>15.18</c>.</summary>
    public required string PostgresVersion { get; init; }

    /// <summary>What the log consists of, or why it can't be told; null where nobody asked.</summary>
    public (Wal? Wal, string Fault)? Wal { get; init; }

    public double HostCpuPer1000 => Usage.HostCpu * 1000 / Events;

    public double PostgresCpuPer1000 => Usage.PostgresCpu * 1000 / Events;

    public double CpuSecondsPer1000 => (Usage.HostCpu + Usage.PostgresCpu) * 1000 / Events;
}
