using CrmGrains.Runtime.Storage;
using CrmGrains.Simulation.Scheduling;
using Npgsql;

namespace CrmGrains.Simulation.Store;

/// <summary>How likely what goes wrong is, for each call between a silo and the database; 0 once the faults are over.</summary>
internal sealed class NetworkFaults(Chance chance)
{
    private static readonly string[] Passing = ["40001", "40P01", "57P01", "08006", "55P03", "53300"];

    /// <summary>Whether anything goes wrong at all.</summary>
    public bool AreOn { get; set; } = true;

    /// <summary>That the request never reaches the server, or the answer never the client.</summary>
    public double Loss { get; init; }

    /// <summary>That the server refuses a statement that would succeed another time.</summary>
    public double Refusal { get; init; }

    /// <summary>That a call takes seconds.</summary>
    public double Stall { get; init; }

    public bool IsLost() => AreOn && chance.Is(Loss);

    /// <summary>Most continuations of others that run between two statements of a request, or within one.</summary>
    public int MostPauses { get; init; } = 1;

    /// <summary>How many of them this time.</summary>
    public int Pauses() => chance.Between(0, MostPauses);

    /// <summary>Even odds.</summary>
    public bool IsHeads() => chance.Is(0.5);

    /// <summary>How long something is under way; null where it takes no time worth measuring.</summary>
    public TimeSpan? Delay() =>
        AreOn && chance.Is(Stall) ? chance.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(12))
        : chance.Is(0.1) ? chance.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(20))
        : null;

    public PostgresException? Refused() =>
        AreOn && chance.Is(Refusal) ? Database.Error(chance.Pick(Passing), "Refused by the simulation.") : null;

    public static NpgsqlException Broken() => new("The connection broke.", new IOException("Reset by the simulation."));

    /// <summary>What whoever has been ended by the server is told.</summary>
    public static PostgresException Terminated() => Database.Error("57P01", "The server has ended this session.");

    /// <summary>Whether an error passes by itself, as the engine sees it.</summary>
    public static bool Passes(Exception exception) => SqlState.IsTransient(exception);
}
