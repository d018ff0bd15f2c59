using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;

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
/// <param name="When">Asked of the facts of <see cref="EventFacts"/>.</param>
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
        var facts = EventFacts.Of(received, source.Keep.SelectMany(rule => Fields(rule.When)));
        return source.Keep.FirstOrDefault(rule => rule.When.Holds(facts, static (_, _, _) => { })) ?? Act;
    }

    /// <summary>The facts that a condition asks for.</summary>
    internal static IEnumerable<string> Fields(Condition condition) => condition switch
    {
        Condition.All all => all.Parts.SelectMany(Fields),
        Condition.Any any => any.Parts.SelectMany(Fields),
        Condition.Not not => Fields(not.Part),
        Condition.Compare compare => [compare.Field],
        _ => [],
    };
}
