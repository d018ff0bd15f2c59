using System.Net;

namespace CrmGrains.IntegrationTests.Sandbox;

public sealed class InspectionTests : SandboxTest
{
    [Fact]
    public async Task The_sandbox_says_that_it_is_well_and_what_it_offers()
    {
        Assert.Equal(HttpStatusCode.OK, (await Get("/healthz")).Status);
        Assert.Contains("/sandbox/faults", (await Get("/")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_records_of_a_type_are_listed_with_every_property_and_archived_ones_left_out()
    {
        var id = (await Create("contacts", new { email = "ada@nordwind.test", city = "Kiel" })).Id;
        await Delete($"{Objects}/contacts/{await ContactId("bob@nordwind.test")}");

        var listed = await Get("/sandbox/hubspot/contacts");

        Assert.Equal(1, listed.Body.GetProperty("count").GetInt32());
        Assert.Equal(id, listed.Results[0].GetProperty("id").GetString());
        Assert.Equal("Kiel", Names(listed.Results, "city"));
        Assert.Equal(4, (await Get("/sandbox/hubspot/owners")).Body.GetProperty("count").GetInt32());
        Assert.Equal(HttpStatusCode.BadRequest, (await Get("/sandbox/hubspot/dealz")).Status);
    }

    [Fact]
    public async Task Each_associated_pair_is_listed_once_and_in_one_direction_whichever_end_made_it()
    {
        var (contact, company, deal) = (await ContactId("ada@nordwind.test"), await CompanyId("Nordwind"), await DealId());
        var note = (await Create("notes", new { hs_timestamp = "2026-11-20" })).Id;
        await Put($"{Objects}/companies/{company}/associations/default/contacts/{contact}");
        await Put($"{Objects}/contacts/{contact}/associations/default/deals/{deal}");
        await Put($"{Objects}/deals/{deal}/associations/default/companies/{company}");
        await Put($"{Objects}/contacts/{contact}/associations/default/notes/{note}");

        var rows = (await Get("/sandbox/hubspot/associations")).Results.Select(row =>
            $"{row.GetProperty("fromType")} {row.GetProperty("fromId")} -> {row.GetProperty("toType")} {row.GetProperty("toId")} {row.GetProperty("typeIds")[0]}");

        Assert.Equal(
            new[]
            {
                $"contact {contact} -> company {company} 279",
                $"deal {deal} -> company {company} 341",
                $"deal {deal} -> contact {contact} 3",
                $"note {note} -> contact {contact} 202",
            },
            rows.Order());
    }

    [Fact]
    public async Task Calls_are_counted_by_endpoint_and_status_with_the_records_that_they_wrote()
    {
        var inputs = Enumerable.Range(0, 3).Select(i => new { id = $"k{i}", idProperty = "crmgrains_key", properties = new { name = $"n{i}" } });
        await Post($"{Objects}/companies/batch/upsert", new { inputs });
        await Post($"{Objects}/0-2/batch/upsert", new { inputs = Array.Empty<object>() });

        var stats = (await Get("/sandbox/stats")).Body;

        var endpoint = Assert.Single(stats.GetProperty("endpoints").EnumerateArray());
        Assert.Equal("POST /crm/objects/{version}/companies/batch/upsert", $"{endpoint.GetProperty("method")} {endpoint.GetProperty("route")}");
        Assert.Equal(3, endpoint.GetProperty("records_written").GetInt32());
        Assert.Equal(1, endpoint.GetProperty("statuses").GetProperty("200").GetInt32());
        Assert.Equal(1, endpoint.GetProperty("statuses").GetProperty("400").GetInt32());
        Assert.Equal(2, stats.GetProperty("totals").GetProperty("calls").GetInt32());
        Assert.Equal(3, stats.GetProperty("totals").GetProperty("records_written").GetInt32());
    }

    [Fact]
    public async Task The_latest_calls_are_listed_oldest_first_with_the_records_that_they_wrote()
    {
        var first = await ContactId("ada@nordwind.test");
        var second = await ContactId("bob@nordwind.test");

        var calls = await Get("/sandbox/requests?limit=2");

        Assert.Equal([first, second], calls.Results.Select(call => call.GetProperty("record_ids")[0].GetString()));
        Assert.Equal($"{Objects}/contacts", calls.Results[0].GetProperty("path").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await Get("/sandbox/requests?limit=20001")).Status);
    }

    [Fact]
    public async Task A_reset_leaves_the_seed_and_nothing_else()
    {
        var first = await ContactId("ada@nordwind.test");
        await Put("/sandbox/hubspot/owners/9001", new { email = "x@crmgrains.test", archived = true });
        await Post("/crm/v3/properties/contacts", new { name = "shoe_size", label = "Shoe size", type = "number", fieldType = "number", groupName = "g" });
        await Post("/sandbox/faults", new { path = "/crm", status = 500 });

        Assert.Equal(HttpStatusCode.NoContent, (await Post("/sandbox/reset", new { })).Status);

        Assert.Equal(0, (await Get("/sandbox/stats")).Body.GetProperty("totals").GetProperty("calls").GetInt32());
        Assert.Equal(0, (await Get("/sandbox/hubspot/contacts")).Body.GetProperty("count").GetInt32());
        Assert.Equal(HttpStatusCode.OK, (await Get("/crm/v3/owners/9001")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Get("/crm/v3/properties/contacts/shoe_size")).Status);
        Assert.Equal(first, await ContactId("ada@nordwind.test"));  // the same calls lead to the same ids
    }
}
