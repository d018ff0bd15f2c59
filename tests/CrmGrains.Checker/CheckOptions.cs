namespace CrmGrains.Checker;

/// <summary>The laws that there are; each is described in this folder's README.</summary>
[Flags]
public enum Laws
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>What was acknowledged is there and came to an end.</summary>
    Acknowledged = 1,

    /// <summary>The turns of a grain are one sequence, and their batches don't overlap.</summary>
    Sequence = 2,

    /// <summary>Each message is handled once.</summary>
    OneEntry = 4,

    /// <summary>What was acknowledged before another was sent reaches their grain first.</summary>
    Order = 8,

    /// <summary>The CRM did each thing once.</summary>
    Effects = 16,

    /// <summary>The ledger's chains verify.</summary>
    Chains = 32,

    /// <summary>A grain's state is what its turns make of it.</summary>
    Fold = 64,

    /// <summary>Those that need neither a database nor a CRM.</summary>
    InMemory = Sequence | OneEntry | Order | Fold,

    /// <summary>Those that need no CRM.</summary>
    WithoutCrm = InMemory | Acknowledged | Chains,

    /// <summary>All of them.</summary>
    All = WithoutCrm | Effects,
}

/// <summary>The state of a grain after its turns, as it would be stored.</summary>
/// <param name="grain"><c>workspace/kind/key</c></param>
/// <param name="turns">Those that wrote a state, in order.</param>
/// <returns>JSON; null where it can't be known, for example because a detail was erased.</returns>
public delegate byte[]? GrainFold(string grain, IReadOnlyList<LedgerEntry> turns);

/// <summary>What is expected of a history.</summary>
public sealed record CheckOptions
{
    /// <summary>Which laws are checked.</summary>
    public Laws Laws { get; init; } = Laws.All;

    /// <summary>Whether the run went on until nothing was left to do; then nothing may be left. Otherwise it was cut somewhere.</summary>
    public bool IsDrained { get; init; } = true;

    /// <summary>Whether the CRM keeps what it carried out, so that each command that succeeded must be found there.</summary>
    public bool IsCrmHealthy { get; init; } = true;

    /// <summary>What <see cref="Laws.Fold"/> compares the stored states with; see <see cref="GrainReplay"/>.</summary>
    public GrainFold? Fold { get; init; }
}
