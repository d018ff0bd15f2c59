using CrmGrains.Benchmarks.Load;
using CrmGrains.Benchmarks.Servers;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>Something that is measured beside others.</summary>
/// <param name="Name">What reports call it.</param>
internal sealed record Subject(string Name)
{
    public Contender Contender { get; init; } = Contender.CrmGrains;

    public Population Population { get; init; } = Population.Uniform;

    /// <summary>Requests a second; null: full speed.</summary>
    public double? PerSecond { get; init; }

    /// <summary>Processes that are silos and nothing else, beside one gateway; 0: one process is everything.</summary>
    public int Silos { get; init; }

    /// <summary>Whether all customers are known before the first event.</summary>
    public bool IsPreloaded { get; init; }

    /// <summary>Whether the log is looked into.</summary>
    public bool HasWal { get; init; }

    public static Subject CrmGrains { get; } = new("CrmGrains");

    /// <summary>A contender under the load that everything is measured with.</summary>
    public static Subject Of(Contender contender) => new(contender switch
    {
        Contender.CrmGrains => CrmGrains.Name,
        Contender.Dapper => "plain handler, Dapper",
        Contender.DapperTuned => "plain handler, Dapper, prepared statements and a small pool",
        _ => "plain handler, one call of a stored function",
    })
    {
        Contender = contender,
    };
}
