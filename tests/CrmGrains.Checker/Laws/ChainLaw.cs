using CrmGrains.Runtime.Ledger;

namespace CrmGrains.Checker;

/// <summary>Each partition's entries are a chain of hashes without gap that ends at the partition's head.</summary>
internal static class ChainLaw
{
    public static IEnumerable<Violation> Check(HistoryIndex index)
    {
        var chains = index.Chains.ToDictionary(chain => chain.Key, chain => chain.ToList());
        foreach (var partition in index.History.Partitions)
        {
            if (Fault(chains.GetValueOrDefault(partition.Id) ?? [], partition) is { } fault)
                yield return new(ViolationKind.BrokenChain, $"partition {partition.Id}", fault);
        }

        foreach (var stray in chains.Keys.Except(index.History.Partitions.Select(partition => partition.Id)))
            yield return new(ViolationKind.BrokenChain, $"partition {stray}", "There are entries of a partition that there isn't.");
    }

    // The first fault only: what follows a broken link is broken too.
    private static string? Fault(List<LedgerEntry> entries, PartitionHead head)
    {
        var previous = new byte[LedgerChain.HashBytes];
        var position = 0L;
        foreach (var entry in entries)
        {
            if (entry.Position != position + 1)
                return $"Position {entry.Position} follows position {position}.";
            position = entry.Position;
            if (!HoldsDetail(entry))
                return $"The detail at {entry.Place} was changed.";
            var hash = LedgerChain.Hash(previous, HeaderOf(entry));
            if (!hash.AsSpan().SequenceEqual(entry.Hash))
                return $"The entry at {entry.Place}, or its place in the chain, was changed.";
            previous = hash;
        }

        return position == head.HeadPosition && previous.AsSpan().SequenceEqual(head.HeadHash)
            ? null
            : $"The chain ends at position {position}, its head says {head.HeadPosition}, or names another hash.";
    }

    private static bool HoldsDetail(LedgerEntry entry) => (entry.Salt, entry.Detail) switch
    {
        (null, null) => true,  // erased
        ({ } salt, { } detail) => LedgerChain.DetailHash(salt, detail.Read()).AsSpan().SequenceEqual(entry.DetailHash),
        _ => false,
    };

    private static LedgerHeader HeaderOf(LedgerEntry entry) => new(
        entry.Partition, entry.Position, entry.Workspace, entry.Grain, entry.Version, entry.MessageId, entry.Kind, entry.Outcome,
        entry.EventId, entry.Configuration, entry.Silo, entry.BeganAt, entry.DetailHash);
}
