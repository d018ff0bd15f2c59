using CrmGrains.Core.Companies;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Deals;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Customers;

public sealed class ConvergenceTests
{
    [Fact]
    public void A_customer_its_company_and_its_deal_say_the_same_whatever_order_their_leads_come_in() =>
        Prop.ForAll(Gen.Choose(0, 47).ArrayOf().ToArbitrary(), ArbMap.Default.ArbFor<int>(), (leads, seed) =>
            Outcome(leads.Distinct()) == Outcome(leads.Distinct().OrderBy(number => HashCode.Combine(number, seed))))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void A_deal_takes_the_newer_of_two_words_although_a_lead_in_between_said_nothing()
    {
        var budgets = new (int Minute, string? Budget)[] { (0, "10k"), (2, null), (1, "20k") };

        var deals = budgets.Select(b => Lead(b.Minute, b.Minute) with { LeadContext = new LeadFacts { BudgetRange = b.Budget } });

        Assert.Contains("budget_range=20k", Outcome(deals), StringComparison.Ordinal);
    }

    private static string Outcome(IEnumerable<int> leads) => Outcome(leads.Select(number => Lead(number, number % 6)));

    // What customer, company and deal know in the end, with the messages of each lead delivered at once.
    private static string Outcome(IEnumerable<ContractEvent> leads)
    {
        var (customer, company, deal) = (new CustomerState(), new CompanyState(), new DealState());
        foreach (var lead in leads)
        {
            var turn = CustomerGrain.Handle(customer, A.Received(lead), A.Context);
            customer = turn.State;
            foreach (var send in turn.Effects.OfType<Effect.Send>())
            {
                var context = A.Context with { Grain = send.To };
                if (send.To.Kind == GrainKind.Company)
                    company = CompanyGrain.Handle(company, send.Message, context).State;
                else
                    deal = DealGrain.Handle(deal, send.Message, context).State;
            }
        }

        return string.Join('\n', Text(customer.Fields), Text(company.Fields.Where(field => field.Key == "company_name")), Text(deal.Fields),
            string.Join(',', customer.Emails), string.Join(',', customer.Companies), string.Join(',', customer.Pipelines), string.Join(',', deal.Companies));
    }

    private static string Text(IEnumerable<KeyValuePair<string, Field>> fields) =>
        string.Join(';', fields.Select(field => $"{field.Key}={field.Value.Value}"));

    // Some say their company's name, some their own; all are of one company.
    private static ContractEvent Lead(int number, int minute) => A.Lead with
    {
        EventId = A.Id(number),
        OccurredAt = A.Noon.AddMinutes(minute),
        Contact = new ContactFacts { Email = $"ann{number % 3}@example.com", FullName = number % 2 == 0 ? $"Ann {number}" : null },
        Company = new CompanyFacts { Domain = "example.com", Name = number % 3 == 0 ? $"Example {number}" : null },
        LeadContext = new LeadFacts { Urgency = number % 4 == 0 ? "high" : null, BudgetRange = number % 5 == 0 ? null : $"{number}k" },
    };
}
