using CrmGrains.Core.Commands;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Customers;

/// <summary>
/// Notes and tasks of a customer of whom no address is known: they are asked for with the first one, so that it doesn't matter whether it
/// came before or after them.
/// </summary>
internal static class WaitingCommands
{
    // A customer who stays without an address for so long is a person's matter.
    private const int Most = 50;

    /// <summary>Keeps a command until there is a contact.</summary>
    public static CustomerState Keep(CustomerState state, WaitingCommand command, List<Effect> effects)
    {
        var waiting = state.Waiting ?? [];
        if (waiting.Any(other => IsSame(other, command)))
            return state;
        if (waiting.Count < Most)
            return state with { Waiting = InOrder(waiting.Append(command)) };
        effects.Add(new Effect.OpenReview(
            $"waiting/{command.EventId}/{command.Step}", "email_missing",
            $"The CRM finds contacts by address and this customer has none; {Most} notes and tasks wait for one already. Find the address."));
        return state;
    }

    /// <summary>Adds what came with a merge, but for a task of which there is one for a customer and that this one has.</summary>
    public static CustomerState Take(CustomerState state, IReadOnlyList<WaitingCommand>? brought)
    {
        if (brought is not { Count: > 0 })
            return state;
        var waiting = state.Waiting ?? [];
        bool IsHere(WaitingCommand one) => waiting.Any(other => IsSame(one, other))
            || (one.Command is CrmCommand.CreateTask task && state.Tasks.Contains(task.Name, StringComparer.Ordinal));

        return state with { Waiting = InOrder(waiting.Concat(brought.Where(one => !IsHere(one)))) };
    }

    /// <summary>Asks for all of them, where a contact is wanted. Each is done once for its own event.</summary>
    public static CustomerState Release(CustomerState state, GrainId customer, List<Effect> effects)
    {
        if (!state.IsContactWanted || state.Waiting is not { Count: > 0 } waiting)
            return state;
        foreach (var (eventId, step, command) in waiting)
            effects.Add(new Effect.Enqueue(step, Of(command, new RecordRef(CrmObject.Contact, customer)), eventId));
        return state with { Waiting = null };
    }

    // Who asked first may have been merged into this customer since.
    private static CrmCommand Of(CrmCommand command, RecordRef contact) => command switch
    {
        CrmCommand.WriteNote note => note with { On = [contact, .. note.On.Skip(1)] },
        CrmCommand.CreateTask task => task with { On = [contact, .. task.On.Skip(1)] },
        _ => command,
    };

    private static bool IsSame(WaitingCommand one, WaitingCommand other) => one.EventId == other.EventId && one.Step == other.Step;

    private static IReadOnlyList<WaitingCommand> InOrder(IEnumerable<WaitingCommand> waiting) =>
        [.. waiting.OrderBy(one => one.EventId).ThenBy(one => one.Step)];
}

/// <summary>Companies that wait for a contact, by grain key.</summary>
internal static class CompanyMentions
{
    /// <summary>One more; of two names of one company the newer stays.</summary>
    public static IReadOnlyDictionary<string, CompanyMention> With(
        IReadOnlyDictionary<string, CompanyMention>? mentioned, string key, CompanyMention mention)
    {
        var all = new SortedDictionary<string, CompanyMention>(StringComparer.Ordinal);
        foreach (var (other, known) in mentioned ?? new Dictionary<string, CompanyMention>())
            all.Add(other, known);
        var isNewer = !all.TryGetValue(key, out var before)
            || (mention.Name is not null && (before.Name is null || before.Mark < mention.Mark))
            || (mention.Name is null && before.Name is null && before.Mark < mention.Mark);
        if (isNewer)
            all[key] = mention;
        return all;
    }
}
