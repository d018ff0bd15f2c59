using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>The CRM holds something already, and not the way we would have put it.</summary>
public sealed class MessyCrmTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_contact_that_is_there_in_other_letters_and_a_company_under_an_alias_are_updated_and_the_deal_is_moved()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        installation.Workspaces.Change("domain_aliases: {}", "domain_aliases: {example.io: example.com}");
        var crm = installation.Crm;
        var contact = await crm.CreateAsync("contacts", new { email = "OPS@Example.COM", firstname = "E.", jobtitle = "COO" });
        var company = await crm.CreateAsync("companies", new { name = "Example Ops", domain = "example.io" });
        var deal = await crm.CreateAsync("deals", new { dealname = "Audit", pipeline = "automation_audit", dealstage = "audit_new" });
        await crm.AssociateAsync("deals", deal, "contacts", contact);
        await installation.ServeAsync();

        var receipt = await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();

        Assert.Equal("completed", await StatusAsync(installation, receipt));
        var now = await crm.ReadAsync();
        now.HasNoDuplicates();
        var (person, firm, opportunity) = (Assert.Single(now.Contacts), Assert.Single(now.Companies), Assert.Single(now.Deals));
        Assert.Equal((contact, company, deal), (person.Id, firm.Id, opportunity.Id));
        Assert.Equal(("Elena", "COO", "+15551234567"), (person["firstname"], person["jobtitle"], person["phone"]));
        Assert.Equal("Example Ops", firm["name"]);
        Assert.Equal(("Audit", "audit_qualified"), (opportunity["dealname"], opportunity["dealstage"]));
    }

    [Fact]
    public async Task A_company_that_has_the_domain_among_its_additional_ones_is_found_and_a_lost_deal_is_reopened()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        var crm = installation.Crm;
        var contact = await crm.CreateAsync("contacts", new { email = "ops@example.com" });
        var company = await crm.CreateAsync(
            "companies", new { name = "Example Holding", domain = "holding.test", hs_additional_domains = "other.test;example.com" });
        var deal = await crm.CreateAsync("deals", new { dealname = "Audit", pipeline = "automation_audit", dealstage = "audit_lost" });
        await crm.AssociateAsync("deals", deal, "contacts", contact);
        await installation.ServeAsync();

        var receipt = await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();

        Assert.Equal("completed", await StatusAsync(installation, receipt));
        var now = await crm.ReadAsync();
        now.HasNoDuplicates();
        Assert.Equal((contact, company), (Assert.Single(now.Contacts).Id, Assert.Single(now.Companies).Id));
        var reopened = Assert.Single(now.Deals);
        Assert.Equal((deal, "audit_qualified", "false"), (reopened.Id, reopened["dealstage"], reopened["hs_is_closed"]));
    }

    [Fact]
    public async Task An_owner_who_left_is_never_guessed_but_asked_for()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.Crm.ArchiveOwnerAsync(9001, "operations.architect@crmgrains.test");
        await installation.ServeAsync();

        var receipt = await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();

        var trace = await installation.Api.TraceAsync(receipt.EventId);
        Assert.Equal("in_review", trace.GetProperty("status").GetString());
        Assert.Equal("inactive_owner", Assert.Single(trace.GetProperty("reviews").EnumerateArray()).GetProperty("reason").GetString());
        var crm = await installation.Crm.ReadAsync();
        crm.HasNoDuplicates();
        Assert.Null(Assert.Single(crm.Deals)["hubspot_owner_id"]);
        Assert.Single(crm.Notes);
    }

    private static async Task<string?> StatusAsync(Installation installation, Receipt receipt) =>
        (await installation.Api.TraceAsync(receipt.EventId)).GetProperty("status").GetString();
}
