using CrmGrains.Connectors;

namespace CrmGrains.IntegrationTests.HubSpot;

public sealed class CompanyTests : HubSpotTest
{
    [Fact]
    public async Task A_company_that_is_not_there_is_created_and_a_repeat_finds_it_though_search_lags()
    {
        var first = await Done(Of(Company("Nordwind", "nordwind.test")));
        var again = await Done(Of(Company("Nordwind", "nordwind.test")));

        Assert.Equal(("created", "updated"), (first.Action, again.Action));
        Assert.Equal(first.CrmId, again.CrmId);
        Assert.Equal(
            ("Nordwind", "nordwind.test"),
            (await Property("companies", first.CrmId, "name"), await Property("companies", first.CrmId, "domain")));
    }

    [Theory]
    [InlineData("nordwind.test", null, "Old name")]           // its main domain
    [InlineData("www.nordwind.test", null, "Old name")]       // written with www
    [InlineData("nordwind-group.test", null, "Old name")]     // an alias in the workspace
    [InlineData("other.test", "x.test;nordwind.test", "Old name")]  // one of its additional domains
    [InlineData("nordwind.example", null, "NORDWIND")]        // a slightly different domain and the same name
    public async Task A_company_that_people_made_is_found_and_keeps_its_name_and_domain(string domain, string? additional, string name)
    {
        var there = (await Create("companies", new { name, domain, hs_additional_domains = additional })).Id;
        LetSearchCatchUp();

        var done = await Done(Of(Company("Nordwind", "nordwind.test", "nordwind-group.test")));

        Assert.Equal((there, "updated"), (done.CrmId, done.Action));
        Assert.Equal((name, domain), (await Property("companies", there, "name"), await Property("companies", there, "domain")));
        Assert.Equal("demo/company/nordwind.test", await Property("companies", there, "crmgrains_key"));
    }

    [Fact]
    public async Task The_same_name_under_quite_another_domain_is_another_company()
    {
        await Create("companies", new { name = "Nordwind", domain = "sailing.test" });
        LetSearchCatchUp();

        Assert.Equal("created", (await Done(Of(Company("Nordwind", "nordwind.test")))).Action);
    }

    [Fact]
    public async Task Two_that_fit_equally_well_are_for_a_person()
    {
        await Create("companies", new { name = "One", domain = "nordwind.test" });
        await Create("companies", new { name = "Two", domain = "nordwind.test" });
        LetSearchCatchUp();

        var outcome = await WriteOne(Of(Company("Nordwind", "nordwind.test")));

        Assert.Equal("ambiguous_duplicate_match", Assert.IsType<WriteOutcome.ManualReview>(outcome).Error);
        Assert.Equal(2, (await All("companies")).Count);
    }

    [Fact]
    public async Task Slightly_different_domains_of_one_name_in_one_batch_make_one_company()
    {
        var outcomes = await WriteAll(Of(Company("Nordwind", "nordwind.test")), Of(Company("Nordwind", "nordwind.example")));

        var ids = outcomes.Select(outcome => Assert.IsType<WriteOutcome.Succeeded>(outcome).CrmId).Distinct();
        Assert.Single(ids);
        Assert.Single(await All("companies"));
    }

    [Fact]
    public async Task A_known_company_keeps_the_name_that_people_gave_it()
    {
        var id = (await Create("companies", new { name = "Nordwind Holding" })).Id;

        await Done(Of(Company("Nordwind", "nordwind.test"), id));

        Assert.Equal(
            ("Nordwind Holding", "nordwind.test"), (await Property("companies", id, "name"), await Property("companies", id, "domain")));
    }

    [Fact]
    public async Task A_known_company_that_was_deleted_is_made_anew_though_search_still_shows_it()
    {
        var gone = await Done(Of(Company("Nordwind", "nordwind.test")));
        LetSearchCatchUp();
        await Delete($"{Objects}/companies/{gone.CrmId}");

        var done = await Done(Of(Company("Nordwind", "nordwind.test"), gone.CrmId));

        Assert.Equal("created", done.Action);
        Assert.NotEqual(gone.CrmId, done.CrmId);
        Assert.Single(await All("companies"));
    }

    [Fact]
    public async Task A_company_that_is_remembered_and_was_deleted_is_not_there()
    {
        var gone = await Done(Of(Company("Nordwind", "nordwind.test")));
        await Delete($"{Objects}/companies/{gone.CrmId}");

        var done = await Done(Of(Company("Nordwind", "nordwind.test")));

        Assert.Equal("created", done.Action);
        Assert.NotEqual(gone.CrmId, done.CrmId);
    }

    [Fact]
    public async Task A_known_company_that_was_merged_into_another_is_found_there_by_its_domain()
    {
        var group = new { name = "Group", domain = "group.test", hs_additional_domains = "nordwind.test" };
        var survivor = (await Create("companies", group)).Id;
        LetSearchCatchUp();

        var done = await Done(Of(Company("Nordwind", "nordwind.test"), "4711"));

        Assert.Equal((survivor, "updated"), (done.CrmId, done.Action));
        Assert.Equal("Group", await Property("companies", survivor, "name"));
    }

    [Fact]
    public async Task Five_hundred_companies_take_one_search_and_five_writes()
    {
        var outcomes = await WriteAll([.. Enumerable.Range(0, 500).Select(i => Of(Company($"Company {i}", $"c{i}.test")))]);

        Assert.Equal(500, outcomes.OfType<WriteOutcome.Succeeded>().Count());
        Assert.Equal((1, 5), (Log.To("search"), Log.To("upsert")));
    }

    [Fact]
    public async Task A_search_that_is_refused_as_too_large_is_made_in_halves()
    {
        await Fault("companies/search", "status", count: 1, status: 400);

        var outcomes = await WriteAll([.. Enumerable.Range(0, 10).Select(i => Of(Company($"Company {i}", $"c{i}.test")))]);

        Assert.Equal(10, outcomes.OfType<WriteOutcome.Succeeded>().Count());
        Assert.Equal(3, Log.To("search"));
    }
}
