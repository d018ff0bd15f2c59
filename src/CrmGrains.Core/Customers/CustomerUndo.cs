using CrmGrains.Core.Commands;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Undo;

namespace CrmGrains.Core.Customers;

/// <summary>
/// Takes back what was written for a customer. What the sources said stays known; what is forgotten is that it was written, so that the
/// next event writes it anew where it is wanted.
/// </summary>
internal static class CustomerUndo
{
    public static Turn<CustomerState> Wanted(CustomerState state, Message.UndoWanted message, TurnContext context)
    {
        foreach (var command in message.Commands)
            state = TakenBack(state, command);
        return new(state, Undoing.Decided(message), Undoing.Reverts(message, context.Grain));
    }

    private static CustomerState TakenBack(CustomerState state, UndoneCommand command) => command switch
    {
        { Object: CrmObject.Contact, MadeIt: true } => WithoutContact(state),
        { Object: CrmObject.Contact } => state.IsContactWanted ? state with { IsContactTakenBack = true } : state,
        { Object: CrmObject.Association, LinkedTo: { Object: CrmObject.Company, Grain.Key: var key } } => state with
        {
            Companies = Without(state.Companies, key),
            Own = state.Own is { } own ? own with { Companies = Without(own.Companies, key) } : null,
        },
        { Task: { } task } => state with
        {
            Tasks = Without(state.Tasks, task),
            Own = state.Own is { } own ? own with { Tasks = Without(own.Tasks, task) } : null,
        },
        _ => state,
    };

    // With the contact its links are gone: its companies wait for the next one, as those that were named before there was any.
    private static CustomerState WithoutContact(CustomerState state)
    {
        var mentioned = state.Mentioned;
        if (state.Fields.TryGetValue(CustomerFields.CompanyDomain, out var domain))
        {
            foreach (var key in state.Companies)
                mentioned = CompanyMentions.With(mentioned, key, new CompanyMention(null, domain.Mark));
        }

        return state with
        {
            IsContactWanted = false,
            IsContactTakenBack = null,
            ContactId = null,
            Companies = [],
            Mentioned = mentioned,
            Own = state.Own is { } own ? own with { IsContactWanted = false, Companies = [] } : null,
        };
    }

    private static IReadOnlyList<string> Without(IReadOnlyList<string> names, string name) =>
        names.Contains(name, StringComparer.Ordinal) ? [.. names.Where(other => other != name)] : names;
}
