using CrmGrains.Core.Grains;
using CrmGrains.Simulation.Scheduling;

namespace CrmGrains.Simulation.World;

/// <summary>What becomes of a delivery in the intake.</summary>
internal enum Fate
{
    /// <summary>Its grain is told.</summary>
    Accepted,

    /// <summary>It ends in the intake, with a ledger entry.</summary>
    Dropped,

    /// <summary>The intake gives up on it.</summary>
    Dead,

    /// <summary>Its entry can't be stored.</summary>
    Poison,

    /// <summary>Handling it ends the whole batch with an exception.</summary>
    Blast,
}

/// <summary>
/// What everybody does with what, by the label of a message and the run's seed alone: so whatever order things happen in, what must come
/// of each of them is known.
/// </summary>
internal sealed class Script(ulong seed, int grains)
{
    /// <summary>A text that the store doesn't take.</summary>
    public const string Poison = "poison!";

    private readonly ulong _seed = seed;

    /// <summary>Deliveries end in other ways than at a grain, and turns fail, this often.</summary>
    public double Trouble { get; init; } = 0.1;

    /// <summary>The grain that a label names as its target.</summary>
    public GrainId Target(string label) => Grain(Draws(label, "target").Below(grains));

    /// <summary>What the intake does with a delivery.</summary>
    public Fate FateOf(string label)
    {
        var draws = Draws(label, "fate");
        if (!draws.Is(Trouble))
            return Fate.Accepted;
        return draws.Below(10) switch
        {
            < 5 => Fate.Dropped,
            < 7 => Fate.Dead,
            < 9 => Fate.Poison,
            _ => Fate.Blast,
        };
    }

    /// <summary>Whether a grain's turn of it throws.</summary>
    public bool Throws(string label) => Draws(label, "throws").Is(Trouble / 4);

    /// <summary>Whether what a grain decides on it can't be stored.</summary>
    public bool IsPoison(string label) => Draws(label, "poison").Is(Trouble / 8);

    /// <summary>Draws that belong to a label.</summary>
    public Chance Draws(string label, string what) => new Chance(_seed).Of($"{what} {label}");

    /// <summary>One of the grains.</summary>
    public static GrainId Grain(int number) => GrainId.Of("w", GrainKind.Customer, $"g{number}");
}
