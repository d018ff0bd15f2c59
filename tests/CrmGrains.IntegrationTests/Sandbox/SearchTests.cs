using System.Net;

namespace CrmGrains.IntegrationTests.Sandbox;

public sealed class SearchTests : SandboxTest
{
    [Fact]
    public async Task A_new_record_is_found_two_seconds_later_and_not_before()
    {
        await ContactId("ada@nordwind.test");

        Clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Empty((await Search("contacts", "email", "EQ", "ada@nordwind.test")).Results);

        Clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Single((await Search("contacts", "email", "EQ", "ada@nordwind.test")).Results);
    }

    [Fact]
    public async Task A_change_shows_its_former_value_until_the_lag_has_passed()
    {
        var id = (await Create("contacts", new { email = "ada@nordwind.test", city = "Kiel" })).Id;
        LetSearchCatchUp();
        await Patch($"{Objects}/contacts/{id}", new { properties = new { city = "Bonn" } });
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Patch($"{Objects}/contacts/{id}", new { properties = new { city = "Ulm" } });

        Assert.Single((await Search("contacts", "city", "EQ", "Kiel")).Results);
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Single((await Search("contacts", "city", "EQ", "Bonn")).Results);
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Single((await Search("contacts", "city", "EQ", "Ulm")).Results);
        Assert.Empty((await Search("contacts", "city", "EQ", "Bonn")).Results);
    }

    [Fact]
    public async Task An_archived_record_is_no_longer_found()
    {
        var id = await ContactId("ada@nordwind.test");
        LetSearchCatchUp();
        await Delete($"{Objects}/contacts/{id}");

        Assert.Empty((await Search("contacts", "email", "EQ", "ada@nordwind.test")).Results);
    }

    [Theory]
    [InlineData("amount", "EQ", "100.0", "b")]
    [InlineData("amount", "NEQ", "100", "a c d")]
    [InlineData("amount", "LT", "100", "a")]
    [InlineData("amount", "LTE", "100", "a b")]
    [InlineData("amount", "GT", "100", "c")]
    [InlineData("amount", "GTE", "100", "b c")]
    [InlineData("amount", "HAS_PROPERTY", null, "a b c")]
    [InlineData("amount", "NOT_HAS_PROPERTY", null, "d")]
    [InlineData("dealname", "CONTAINS_TOKEN", "B*", "b")]
    [InlineData("dealname", "NOT_CONTAINS_TOKEN", "b", "a c d")]
    [InlineData("createdate", "GT", "2026-11-20T11:00:00Z", "a b c d")]
    [InlineData("createdate", "LT", "1700000000000", "")]
    public async Task Filters_compare_numbers_and_instants_by_what_they_mean(string property, string op, string? value, string found)
    {
        await DealsOf20And100And1000AndNoAmount();

        Assert.Equal(found, Names((await Search("deals", property, op, value)).Results, "dealname"));
    }

    [Fact]
    public async Task In_takes_lower_case_values_of_text_and_between_includes_both_ends()
    {
        await DealsOf20And100And1000AndNoAmount();
        var between = """{"filterGroups":[{"filters":[{"propertyName":"amount","operator":"BETWEEN","value":"20","highValue":"100"}]}]}""";

        Assert.Equal("a b", Names((await Search("deals", "dealname", "IN", new[] { "a", "b", "C" })).Results, "dealname"));
        Assert.Equal("c d", Names((await Search("deals", "dealname", "NOT_IN", new[] { "a", "b", "C" })).Results, "dealname"));
        Assert.Equal("a b", Names((await Post($"{Objects}/deals/search", between)).Results, "dealname"));
    }

    [Theory]
    [InlineData("EQ", "nordwind.example")]
    [InlineData("CONTAINS_TOKEN", "nordwind.example")]
    [InlineData("IN", "nordwind.example")]
    public async Task A_company_is_found_by_any_of_its_additional_domains(string op, string domain)
    {
        await Create("companies", new { name = "Nordwind", hs_additional_domains = "nordwind.test;nordwind.example" });
        LetSearchCatchUp();

        var found = await Search("companies", "hs_additional_domains", op, op == "IN" ? new[] { domain } : domain);

        Assert.Equal("Nordwind", Names(found.Results, "name"));
    }

    [Fact]
    public async Task Groups_are_joined_by_or_and_filters_of_a_group_by_and()
    {
        await DealsOf20And100And1000AndNoAmount();

        var answer = await Post($"{Objects}/deals/search", """
            {"filterGroups":[
              {"filters":[{"propertyName":"amount","operator":"GT","value":"50"},{"propertyName":"amount","operator":"LT","value":"500"}]},
              {"filters":[{"propertyName":"dealname","operator":"EQ","value":"d"}]}],
             "properties":["dealname","amount"]}
            """);

        Assert.Equal("b d", Names(answer.Results, "dealname"));
        Assert.Equal(2, answer.Body.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task The_open_deals_of_a_contact_are_found_by_the_association_once_it_is_visible()
    {
        var (contact, deal) = (await ContactId("ada@nordwind.test"), await DealId());
        await DealId("of nobody");
        LetSearchCatchUp();
        await Put($"{Objects}/deals/{deal}/associations/default/contacts/{contact}");
        var search = new
        {
            filterGroups = new[]
            {
                new
                {
                    filters = new[]
                    {
                        new { propertyName = "associations.contact", @operator = "EQ", value = contact },
                        new { propertyName = "pipeline", @operator = "EQ", value = "automation_audit" },
                        new { propertyName = "hs_is_closed", @operator = "EQ", value = "false" },
                    },
                },
            },
        };

        Assert.Empty((await Post($"{Objects}/deals/search", search)).Results);
        LetSearchCatchUp();
        Assert.Equal(deal, Assert.Single((await Post($"{Objects}/deals/search", search)).Results).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Results_are_sorted_and_paged_by_a_number_as_text()
    {
        await DealsOf20And100And1000AndNoAmount();

        var first = await Post($"{Objects}/deals/search", """{"limit":2,"sorts":[{"propertyName":"amount","direction":"DESCENDING"}]}""");
        var after = first.Body.GetProperty("paging").GetProperty("next").GetProperty("after").GetString();
        var second = await Post($"{Objects}/deals/search", $$"""{"limit":2,"after":"{{after}}","sorts":["-amount"]}""");

        Assert.Equal(["c", "b"], first.Results.Select(deal => deal.GetProperty("properties").GetProperty("dealname").GetString()));
        Assert.Equal(["a", "d"], second.Results.Select(deal => deal.GetProperty("properties").GetProperty("dealname").GetString()));
        Assert.False(second.Body.TryGetProperty("paging", out _));
        Assert.Equal(4, second.Body.GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData("""{"limit":201}""")]
    [InlineData("""{"after":"x"}""")]
    [InlineData("""{"limit":200,"after":"9900"}""")]
    [InlineData("""{"sorts":["amount","dealname"]}""")]
    [InlineData("""{"filterGroups":[{"filters":[]},{"filters":[]},{"filters":[]},{"filters":[]},{"filters":[]},{"filters":[]}]}""")]
    [InlineData("""{"filterGroups":[{"filters":[{"propertyName":"nope","operator":"EQ","value":"x"}]}]}""")]
    [InlineData("""{"filterGroups":[{"filters":[{"propertyName":"amount","operator":"LIKE","value":"x"}]}]}""")]
    [InlineData("""{"filterGroups":[{"filters":[{"propertyName":"amount","operator":"EQ"}]}]}""")]
    [InlineData("""{"filterGroups":[{"filters":[{"propertyName":"amount","operator":"IN","value":"x"}]}]}""")]
    public async Task A_search_beyond_its_limits_or_of_unknown_things_is_a_400(string body) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await Post($"{Objects}/deals/search", body)).Status);

    private async Task DealsOf20And100And1000AndNoAmount()
    {
        foreach (var (dealname, amount) in new[] { ("a", "20"), ("b", "100"), ("c", "1000"), ("d", "") })
            await Create("deals", new { dealname, amount, pipeline = "automation_audit", dealstage = "audit_new" });
        LetSearchCatchUp();
    }
}
