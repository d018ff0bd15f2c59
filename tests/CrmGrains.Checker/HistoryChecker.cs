namespace CrmGrains.Checker;

/// <summary>Holds a history against the laws that the engine promises.</summary>
public static class HistoryChecker
{
    /// <summary>Checks it. The history is only read, so it may be checked again with other options.</summary>
    /// <exception cref="ArgumentException">A law was asked for that needs something which isn't given.</exception>
    public static CheckReport Check(History history, CheckOptions options)
    {
        var index = new HistoryIndex(history);
        var folded = 0;
        var violations = new List<Violation>();

        void Apply(Checker.Laws law, Func<IEnumerable<Violation>> find)
        {
            if (options.Laws.HasFlag(law))
                violations.AddRange(find());
        }

        Apply(Laws.Acknowledged, () => AcknowledgedLaw.Check(index));
        Apply(Laws.Sequence, () => SequenceLaw.Check(index));
        Apply(Laws.OneEntry, () => OneEntryLaw.Check(index));
        Apply(Laws.Order, () => OrderLaw.Check(index));
        Apply(Laws.Chains, () => ChainLaw.Check(index));
        Apply(Laws.Fold, () => FoldLaw.Check(index, options.Fold ?? throw Missing("fold", nameof(options)), () => folded++));
        Apply(Laws.Effects, () => EffectLaw.Check(index, history.Crm ?? throw Missing("CRM's own history", nameof(history)), options));
        if (options.IsDrained)
            violations.AddRange(LeftOverLaw.Messages(index));
        return new CheckReport(index.Acknowledged.Count, history.Turns.Count, folded, violations);
    }

    private static ArgumentException Missing(string what, string parameter) =>
        new($"A law needs the {what}: give it, or leave that law out of the options.", parameter);
}
