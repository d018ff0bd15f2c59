using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Customers;

/// <summary>Takes in an event that is kept as context only: what it says is known from then on, and nothing is done about it.</summary>
internal static class CustomerContext
{
    /// <summary>The customer with its facts; the company that it names is linked when something is done the next time.</summary>
    public static Turn<CustomerState> Taken(
        CustomerState state, ContractEvent received, Watermark mark, Decision decision, TurnContext context)
    {
        var said = CustomerFields.Said(received, null);
        var merge = FieldSet.Merge(state.Fields, said, mark);
        var emails = CustomerGrain.EmailsOf(received.Contact);
        var next = state with { Fields = merge.Fields, Emails = Names.Union(state.Emails, emails) };
        if (received.Company?.Domain is { } domain)
            next = next with
            {
                Mentioned = CompanyMentions.With(
                    state.Mentioned, context.Workspace.CanonicalDomain(domain), new CompanyMention(received.Company.Name, mark)),
            };
        if (state.Own is { } own)
            next = next with { Own = own.After(said, mark, emails, state, next) };
        return new(next, decision with { Changed = merge.Changed, Stale = merge.Stale.Count == 0 ? null : merge.Stale }, []);
    }
}
