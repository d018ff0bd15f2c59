using CrmGrains.Connectors;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Grains;

namespace CrmGrains.IntegrationTests.HubSpot;

public sealed class CallCountTests : HubSpotTest
{
    [Fact]
    public async Task A_thousand_leads_of_a_thousand_companies_take_no_more_than_sixty_calls()
    {
        var customers = Enumerable.Range(0, 1_000).Select(i => $"p{i}").ToList();

        var contacts = await Carry(customers, customer => Of(Contact($"{customer}@{customer}.test")));
        var companies = await Carry(customers, customer => Of(Company(customer, $"{customer}.test")));
        var deals = await Carry(
            customers,
            customer => Of(Deal(customer, "operations.architect@crmgrains.test"), null, (ContactRef(customer), contacts[customer])));
        await Carry([.. customers.SelectMany(customer => new[] { $"cc {customer}", $"dc {customer}", $"dm {customer}" })], Link);
        await Carry(
            customers,
            customer => Of(Note(customer), null, (ContactRef(customer), contacts[customer]), (DealRef(customer), deals[customer])));

        Assert.InRange(Log.All.Count, 50, 60);
        Assert.All(Log.All, call => Assert.Equal("succeeded", call.Outcome));
        Assert.Equal((1_000, 1_000, 1_000, 1_000, 4_000), (
            (await All("contacts")).Count, (await All("companies")).Count, (await All("deals")).Count, (await All("notes")).Count,
            (await All("associations")).Count));

        Write Link(string kindAndCustomer)
        {
            var (kind, customer) = (kindAndCustomer[..2], kindAndCustomer[3..]);
            var contact = (ContactRef(customer), contacts[customer]);
            var company = (CompanyRef(customer), companies[customer]);
            var deal = (DealRef(customer), deals[customer]);
            var (from, to) = kind switch { "cc" => (contact, company), "dc" => (deal, contact), _ => (deal, company) };
            return Of(new CrmCommand.Associate(from.Item1, to.Item1), null, from, to);
        }
    }

    /// <summary>Writes what is wanted of each in batches as large as the connector takes; ids by name.</summary>
    private async Task<Dictionary<string, string>> Carry(IReadOnlyList<string> names, Func<string, Write> want)
    {
        var ids = new Dictionary<string, string>();
        var writes = names.Select(name => (name, write: want(name))).ToList();
        foreach (var batch in writes.Chunk(Crm.BatchLimit(writes[0].write.Command.Object)))
        {
            var outcomes = await WriteAll([.. batch.Select(pair => pair.write)]);
            foreach (var ((name, _), outcome) in batch.Zip(outcomes))
                ids[name] = Assert.IsType<WriteOutcome.Succeeded>(outcome).CrmId ?? "";
        }

        return ids;
    }

    private static RecordRef CompanyRef(string customer) =>
        new(CrmObject.Company, GrainId.Of("demo", GrainKind.Company, $"{customer}.test"));

    private static RecordRef DealRef(string customer) => new(CrmObject.Deal, GrainId.Of("demo", GrainKind.Deal, $"{customer}/audit"));
}
