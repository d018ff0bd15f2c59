namespace CrmGrains.Checker;

/// <summary>
/// The turns of one grain are one sequence: versions from 1 without gap or repeat, in the ledger's order, by batches that don't overlap.
/// </summary>
internal static class SequenceLaw
{
    public static IEnumerable<Violation> Check(HistoryIndex index)
    {
        var states = index.History.States.ToLookup(state => state.Grain);
        foreach (var grain in index.Grains)
        {
            var turns = grain.ToList();
            foreach (var violation in Versions(turns).Concat(State(turns, [.. states[grain.Key]])).Concat(Overlaps(turns)))
                yield return violation;
        }

        var known = index.Grains.Select(grain => grain.Key).ToHashSet();
        foreach (var state in index.History.States.Where(state => !known.Contains(state.Grain)))
            yield return new(ViolationKind.BrokenSequence, state.Grain, $"It has a state of version {state.Version} but no turn.");
    }

    private static IEnumerable<Violation> Versions(List<LedgerEntry> turns)
    {
        if (turns.Find(turn => turn.Partition != turns[0].Partition) is { } stray)
            yield return new(
                ViolationKind.BrokenSequence, stray.Grain, $"It has turns in partitions {turns[0].Partition} and {stray.Partition}.");

        var last = 0L;
        foreach (var turn in turns.Where(turn => turn.Version != 0))
        {
            if (turn.Version != last + 1)
                yield return new(
                    ViolationKind.BrokenSequence, turn.Grain, $"Version {turn.Version} at {turn.Place} follows version {last}.");
            last = turn.Version;
        }
    }

    private static IEnumerable<Violation> State(List<LedgerEntry> turns, List<GrainState> states)
    {
        var last = turns.FindLast(turn => turn.Version != 0)?.Version ?? 0;
        if (states.Count > 1)
            yield return new(ViolationKind.BrokenSequence, turns[0].Grain, $"It has {states.Count} states.");
        var stored = states.Count == 0 ? 0 : states[0].Version;
        if (stored != last)
            yield return new(
                ViolationKind.BrokenSequence, turns[0].Grain, $"Its last turn made version {last}, its state is of version {stored}.");
    }

    // A batch is told by its silo and its beginning. One that comes back after another is two, and overlaps with what is in between.
    private static IEnumerable<Violation> Overlaps(List<LedgerEntry> turns)
    {
        var earlier = turns[0];
        var until = turns[0].WrittenAt;
        foreach (var turn in turns.Skip(1))
        {
            var isSameBatch = turn.Silo == earlier.Silo && turn.BeganAt == earlier.BeganAt;
            if (!isSameBatch && turn.BeganAt < until)
                yield return new(
                    ViolationKind.Overlap, turn.Grain,
                    $"The batch of {turn.Place} (silo {turn.Silo}) began at {turn.BeganAt:O}; the one before wrote until {until:O}.");
            until = turn.WrittenAt > until ? turn.WrittenAt : until;
            earlier = turn;
        }
    }
}
