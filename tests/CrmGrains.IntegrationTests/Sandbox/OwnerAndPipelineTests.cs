using System.Net;
using System.Text.Json;

namespace CrmGrains.IntegrationTests.Sandbox;

public sealed class OwnerAndPipelineTests : SandboxTest
{
    [Theory]
    [InlineData("/crm/owners/2026-09")]
    [InlineData("/crm/v3/owners/")]
    public async Task Only_owners_who_are_not_archived_are_listed_unless_asked_for(string path)
    {
        Assert.Equal(["9001", "9002", "9004"], Ids(await Get(path)));
        Assert.Equal(["9003"], Ids(await Get($"{path}?archived=true")));
        Assert.Equal(["9002"], Ids(await Get($"{path}?email=Account.Manager@crmgrains.test")));
    }

    [Fact]
    public async Task Owners_are_read_page_by_page()
    {
        var first = await Get("/crm/owners/2026-09?limit=2");
        var second = await Get($"/crm/owners/2026-09?limit=2&after={first.Body.GetProperty("paging").GetProperty("next").GetProperty("after")}");

        Assert.Equal(["9001", "9002"], Ids(first));
        Assert.Equal(["9004"], Ids(second));
        Assert.False(second.Body.TryGetProperty("paging", out _));
    }

    [Fact]
    public async Task An_archived_owner_is_found_only_by_who_asks_for_archived_ones()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await Get("/crm/owners/2026-09/9003")).Status);
        var former = (await Get("/crm/owners/2026-09/9003?archived=true")).Body;

        Assert.True(former.GetProperty("archived").GetBoolean());
        Assert.False(former.TryGetProperty("userId", out _));
        Assert.NotEqual(9003, former.GetProperty("userIdIncludingInactive").GetInt64());
    }

    [Fact]
    public async Task The_roster_can_be_changed_from_outside_and_writes_follow_it()
    {
        var deal = await DealId();
        await Put("/sandbox/hubspot/owners/9002", new { email = "account.manager@crmgrains.test", firstName = "A", lastName = "M", archived = true });

        var refused = await Patch($"{Objects}/deals/{deal}", new { properties = new { hubspot_owner_id = "9002" } });
        await Put("/sandbox/hubspot/owners/9005", new { email = "new@crmgrains.test" });
        var taken = await Patch($"{Objects}/deals/{deal}", new { properties = new { hubspot_owner_id = 9005 } });

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("archived", refused.Message, StringComparison.Ordinal);
        Assert.Equal("9005", taken.Property("hubspot_owner_id"));
    }

    [Fact]
    public async Task Pipelines_have_stages_that_tell_whether_they_are_closed_and_won()
    {
        var pipelines = (await Get("/crm/pipelines/2026-09/deals")).Results.ToDictionary(pipeline => pipeline.GetProperty("id").ToString());
        var audit = pipelines["automation_audit"];

        Assert.Equal(["automation_audit", "default"], pipelines.Keys.Order());
        Assert.Equal("Automation audit", audit.GetProperty("label").GetString());
        Assert.Equal(
            ["audit_new", "audit_qualified", "audit_proposal", "audit_won true 1.0", "audit_lost true 0.0"],
            audit.GetProperty("stages").EnumerateArray().Select(Described));
        Assert.Equal(7, pipelines["default"].GetProperty("stages").GetArrayLength());
    }

    [Fact]
    public async Task Tickets_have_the_pipeline_0_and_other_records_none()
    {
        var ticket = await Create("tickets", new { subject = "Help", hs_pipeline = "0", hs_pipeline_stage = "1", crmgrains_key = "t" });

        Assert.Equal(HttpStatusCode.Created, ticket.Status);
        Assert.Equal("0", Assert.Single((await Get("/crm/v3/pipelines/tickets")).Results).GetProperty("id").GetString());
        Assert.Empty((await Get("/crm/v3/pipelines/contacts")).Results);
        Assert.Equal(HttpStatusCode.NotFound, (await Get("/crm/v3/pipelines/deals/nowhere")).Status);
    }

    private static IEnumerable<string> Ids(Answer answer) => answer.Results.Select(owner => owner.GetProperty("id").ToString());

    private static string Described(JsonElement stage)
    {
        var metadata = stage.GetProperty("metadata");
        return metadata.GetProperty("isClosed").GetString() == "true"
            ? $"{stage.GetProperty("id")} true {metadata.GetProperty("probability")}"
            : stage.GetProperty("id").ToString();
    }
}
