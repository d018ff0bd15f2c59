using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;

namespace CrmGrains.Core.Decisions;

/// <summary>What an event is kept for.</summary>
public enum KeepAs
{
    /// <summary>It is acted on.</summary>
    Act,

    /// <summary>Its customer takes its facts in; nothing is done.</summary>
    Context,

    /// <summary>The delivery stays stored; nobody is told.</summary>
    Raw,

    /// <summary>Nobody is told, and the delivery's body is soon removed.</summary>
    Drop,
}

/// <summary>Says what events are kept for that a condition holds for.</summary>
/// <param name="When">Asked of the facts of <see cref="Facts"/>.</param>
/// <param name="As">What for.</param>
/// <param name="Reason">One word of the configuration's own, for ledger and metrics.</param>
public sealed record KeepRule(Condition When, KeepAs As, string Reason);

/// <summary>Decides what of a source's events is worth keeping.</summary>
public static class KeepRules
{
    private static readonly KeepRule Act = new(new Condition.All([]), KeepAs.Act, "");

    /// <summary>The first rule that holds for the event; where none does, it is acted on.</summary>
    public static KeepRule Of(SourceConfiguration source, ContractEvent received)
    {
        if (source.Keep.Count == 0)
            return Act;
        var facts = Facts.Asked(received, source.Keep.SelectMany(rule => Facts.AskedBy(rule.When)));
        return source.Keep.FirstOrDefault(rule => rule.When.Holds(facts)) ?? Act;
    }
}
