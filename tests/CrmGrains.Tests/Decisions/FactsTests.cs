using System.Text.Json;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Fields;

namespace CrmGrains.Tests.Decisions;

public sealed class FactsTests
{
    private static readonly CustomerState Known = new()
    {
        Fields = FieldSet.Merge(
            FieldSet.Empty,
            CustomerFields.OfContact.Append(CustomerFields.CompanyDomain).Select(name => KeyValuePair.Create(name, FieldValue.Of(name))), A.Mark(0)).Fields,
        Events = 3,
        Emails = ["a@b.c", "d@b.c"],
        Companies = ["b.c"],
        Pipelines = ["sales"],
        Tasks = ["onboarding"],
        ContactId = "1",
    };

    [Fact]
    public void What_is_known_of_a_customer_is_a_fact_under_its_contract_name()
    {
        var facts = Facts.Of(A.Lead, Known, Facts.OfCustomers);

        Assert.All(Facts.OfCustomers, name => Assert.True(facts.ContainsKey(name), name));
        Assert.Equal("urgency", facts["customer.urgency"].ToString());
        Assert.Equal("high", facts["lead.urgency"].ToString());
        Assert.Equal(
            [new FieldValue.Number(3), new FieldValue.Number(2), new FieldValue.Number(1), new FieldValue.Many(["sales"]), new FieldValue.Many(["onboarding"]), new FieldValue.Flag(true)],
            ((string[])["customer.events", "customer.emails", "customer.companies", "customer.pipelines", "customer.tasks", "customer.in_crm"]).Select(name => facts[name]));
    }

    [Fact]
    public void Of_a_customer_who_is_new_the_counts_are_nothing_and_the_rest_is_missing()
    {
        var facts = Facts.Of(A.Lead, new CustomerState(), Facts.OfCustomers);

        Assert.Equal(
            ["customer.companies", "customer.emails", "customer.events", "customer.in_crm"],
            facts.Keys.Where(name => name.StartsWith(Facts.CustomerPrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(new FieldValue.Flag(false), facts["customer.in_crm"]);
    }

    [Fact]
    public void Only_what_is_wanted_is_looked_up_of_data_and_customers()
    {
        var received = A.Invoice with { Data = JsonElement.Parse("""{"order":{"state":"open"},"lines":3}""") };

        var facts = Facts.Of(received, Known, ["data.order.state", "customer.events"]);

        Assert.Equal(["customer.events", "data.order.state"], facts.Keys.Where(name => name.StartsWith("data.", StringComparison.Ordinal) || name.StartsWith("customer.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(Facts.Of(received, null, ["customer.events"]).Keys, name => name.StartsWith("customer.", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_asked_for_is_what_an_event_says_and_nothing_else_is_looked_up()
    {
        foreach (var received in new[] { A.Lead, A.Invoice with { Data = JsonElement.Parse("""{"order":{"state":"open"}}""") } })
        {
            string[] names = [.. Facts.OfEvents, "data.order.state", "data.order", "data.none", "customer.events", "score"];

            Assert.Equal(Facts.Of(received, wanted: names), Facts.Asked(received, names));
            Assert.Equal(["email"], Facts.Asked(received, ["email", "email", "data.none"]).Keys);
        }
    }

    [Fact]
    public void Rules_for_leads_may_ask_nothing_of_the_customer() =>
        Assert.Empty(Facts.OfLeads.Concat(Facts.OfEvents).Intersect(Facts.OfCustomers));
}
