namespace CrmGrains.Checker;

/// <summary>What can be wrong with a history.</summary>
public enum ViolationKind
{
    /// <summary>A delivery that was acknowledged isn't there, or nothing became of it.</summary>
    Lost,

    /// <summary>Something is left to do although the run went on to its end.</summary>
    LeftOver,

    /// <summary>A stored delivery that is neither handled nor waiting, though nobody was promised anything.</summary>
    Unhandled,

    /// <summary>A grain's turns or its state have a gap, a repeat or another order than the ledger.</summary>
    BrokenSequence,

    /// <summary>Two batches had one grain at the same time.</summary>
    Overlap,

    /// <summary>A message or an event was handled twice.</summary>
    Doubled,

    /// <summary>A later event reached its grain before an earlier one.</summary>
    Reordered,

    /// <summary>The CRM did one thing twice.</summary>
    DoubledEffect,

    /// <summary>The CRM has nothing of a command that succeeded.</summary>
    MissingEffect,

    /// <summary>A ledger's chain doesn't verify.</summary>
    BrokenChain,

    /// <summary>A grain's state isn't what its turns make of it.</summary>
    WrongState,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Subject">What it is about: an event, a grain, a partition, a record.</param>
/// <param name="Detail">What was found, in a sentence.</param>
public sealed record Violation(ViolationKind Kind, string Subject, string Detail)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Subject}: {Detail}";
}

/// <summary>What checking a history came to.</summary>
/// <param name="Acknowledged">Different deliveries that were answered 202.</param>
/// <param name="Turns">Ledger entries looked at.</param>
/// <param name="Folded">Grains whose state was computed again.</param>
/// <param name="Violations">All that is wrong.</param>
public sealed record CheckReport(int Acknowledged, int Turns, int Folded, IReadOnlyList<Violation> Violations)
{
    private const int MostShown = 20;

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsClean => Violations.Count == 0;

    /// <summary>Deliveries that were acknowledged and are lost.</summary>
    public int Lost => Count(ViolationKind.Lost);

    /// <summary>Messages, events and effects that were done more than once.</summary>
    public int Doubled => Count(ViolationKind.Doubled) + Count(ViolationKind.DoubledEffect);

    /// <summary>Batches of one grain that overlap.</summary>
    public int Overlaps => Count(ViolationKind.Overlap);

    /// <summary>Events that reached their grain after a later one.</summary>
    public int Reordered => Count(ViolationKind.Reordered);

    /// <summary>A summary, and the first of each kind of violation.</summary>
    public override string ToString()
    {
        var shown = Violations.GroupBy(violation => violation.Kind).SelectMany(kind =>
            kind.Take(MostShown).Select(violation => violation.ToString())
                .Concat(kind.Skip(MostShown).Any() ? [$"... and more, {kind.Count()} of {kind.Key} in all"] : []));
        return string.Join('\n', shown.Prepend(
            $"{Acknowledged} acknowledged, {Turns} turns, {Folded} states folded: {Violations.Count} violations"));
    }

    private int Count(ViolationKind kind) => Violations.Count(violation => violation.Kind == kind);
}
