using CrmGrains.Connectors;

namespace CrmGrains.IntegrationTests.HubSpot;

public sealed class DealTests : HubSpotTest
{
    private const string Architect = "operations.architect@crmgrains.test";

    [Fact]
    public async Task A_deal_is_created_with_its_owner_where_the_contact_has_none()
    {
        var done = await Done(Of(Deal(owner: Architect), null, await Ada()));

        Assert.Equal(("created", "active"), (done.Action, done.OwnerStatus));
        Assert.Equal(("Audit", "automation_audit", "audit_qualified", "9001"),
            (await Property("deals", done.CrmId, "dealname"), await Property("deals", done.CrmId, "pipeline"),
             await Property("deals", done.CrmId, "dealstage"), await Property("deals", done.CrmId, "hubspot_owner_id")));
    }

    [Theory]
    [InlineData("audit_new", "moved", "audit_qualified")]
    [InlineData("audit_proposal", "updated", "audit_proposal")]
    [InlineData("audit_lost", "reopened", "audit_qualified")]
    public async Task The_contacts_deal_in_the_pipeline_is_moved_left_or_reopened(string stage, string action, string then)
    {
        var (ada, deal) = (await Ada(), await DealOf(stage));

        var done = await Done(Of(Deal(), null, ada));

        Assert.Equal((deal, action), (done.CrmId, done.Action));
        Assert.Equal((then, "Theirs", "high"),
            (await Property("deals", deal, "dealstage"), await Property("deals", deal, "dealname"),
             await Property("deals", deal, "urgency")));
    }

    [Fact]
    public async Task A_deal_that_was_won_is_left_alone_and_the_next_one_is_made_once()
    {
        var (ada, won) = (await Ada(), await DealOf("audit_won"));

        var next = await Done(Of(Deal(), won, ada));
        var again = await Done(Of(Deal(), won, ada) with { IsUncertain = true });

        Assert.Equal("created", next.Action);
        Assert.Equal("audit_won", await Property("deals", won, "dealstage"));
        Assert.Equal(next.CrmId, again.CrmId);
        Assert.Equal(2, (await All("deals")).Count);
    }

    [Fact]
    public async Task Several_open_deals_are_for_a_person()
    {
        var ada = await Ada();
        await DealOf("audit_new");
        await DealOf("audit_proposal");

        Assert.Equal("ambiguous_duplicate_match", Assert.IsType<WriteOutcome.ManualReview>(await WriteOne(Of(Deal(), null, ada))).Error);
    }

    [Fact]
    public async Task A_deal_made_by_an_attempt_without_an_answer_is_found_by_our_key_and_its_stage_kept()
    {
        var ada = await Ada();
        await Fault("deals/batch/upsert", "drop_after_success");
        var write = Of(Deal(), null, ada);
        Assert.True(Assert.IsType<WriteOutcome.Retryable>(await WriteOne(write)).IsUncertain);
        var made = (await All("deals")).Single().GetProperty("id").GetString();
        await Patch($"{Objects}/deals/{made}", new { properties = new { dealstage = "audit_proposal" } });

        var done = await Done(write with { IsUncertain = true, Attempt = 2 });

        Assert.Equal((made, "updated"), (done.CrmId, done.Action));
        Assert.Equal("audit_proposal", await Property("deals", made, "dealstage"));
        Assert.Single(await All("deals"));
    }

    [Theory]
    [InlineData("former.architect@crmgrains.test", "inactive")]
    [InlineData("nobody@crmgrains.test", "missing")]
    public async Task An_owner_who_is_not_active_is_not_set_and_nobody_is_guessed(string owner, string status)
    {
        var done = await Done(Of(Deal(owner: owner), null, await Ada()));

        Assert.Equal(status, done.OwnerStatus);
        Assert.Null(await Property("deals", done.CrmId, "hubspot_owner_id"));
    }

    [Fact]
    public async Task A_person_who_works_on_the_deal_keeps_it()
    {
        var (ada, deal) = (await Ada(), await DealOf("audit_new"));
        await Patch($"{Objects}/deals/{deal}", new { properties = new { hubspot_owner_id = "9002" } });

        await Done(Of(Deal(owner: Architect), null, ada));

        Assert.Equal("9002", await Property("deals", deal, "hubspot_owner_id"));
    }

    [Fact]
    public async Task A_deal_that_is_handed_over_has_the_other_owner_also_where_somebody_works_on_it()
    {
        var (ada, deal) = (await Ada(), await DealOf("audit_new"));
        await Patch($"{Objects}/deals/{deal}", new { properties = new { hubspot_owner_id = "9002" } });

        await Done(Of(Deal(owner: Architect) with { HandsOver = true }, null, ada));
        await Done(Of(Deal(owner: null), null, ada));

        Assert.Equal("9001", await Property("deals", deal, "hubspot_owner_id"));
    }

    [Fact]
    public async Task An_owner_who_left_since_the_roster_was_read_is_noticed_by_the_refusal()
    {
        var ada = await Ada();
        await Done(Of(Deal("bob", Architect)));
        await Put("/sandbox/hubspot/owners/9001", new { email = Architect, archived = true });

        var done = await Done(Of(Deal(owner: Architect), null, ada));

        Assert.Equal("inactive", done.OwnerStatus);
        Assert.Null(await Property("deals", done.CrmId, "hubspot_owner_id"));
    }

    [Fact]
    public async Task A_known_deal_that_was_deleted_is_made_anew()
    {
        var (ada, gone) = (await Ada(), await DealOf("audit_proposal"));
        await Delete($"{Objects}/deals/{gone}");

        var done = await Done(Of(Deal(), gone, ada));

        Assert.Equal("created", done.Action);
        Assert.NotEqual(gone, done.CrmId);
        Assert.Equal("audit_qualified", await Property("deals", done.CrmId, "dealstage"));
    }

    [Fact]
    public async Task A_known_deal_that_was_merged_into_another_of_its_contact_is_found_there_and_its_stage_kept()
    {
        var (ada, survivor) = (await Ada(), await DealOf("audit_proposal"));

        var done = await Done(Of(Deal(), "4711", ada));

        Assert.Equal((survivor, "updated"), (done.CrmId, done.Action));
        Assert.Equal("audit_proposal", await Property("deals", survivor, "dealstage"));
    }

    [Fact]
    public async Task A_known_deal_that_was_merged_into_one_with_our_key_is_found_though_nobody_associated_it()
    {
        var ada = await Ada();
        var survivor = (await Create("deals", new
        {
            dealname = "Theirs", pipeline = "automation_audit", dealstage = "audit_proposal", crmgrains_key = "demo/deal/ada/audit",
        })).Id;

        var done = await Done(Of(Deal(), "4711", ada));

        Assert.Equal((survivor, "updated"), (done.CrmId, done.Action));
        Assert.Equal("audit_proposal", await Property("deals", survivor, "dealstage"));
    }

    [Fact]
    public async Task A_hundred_new_deals_take_two_calls_and_the_roster()
    {
        var links = new List<Write>();
        for (var i = 0; i < 100; i++)
            links.Add(Of(Deal($"p{i}", Architect), null, (ContactRef($"p{i}"), $"{i + 1}")));

        var outcomes = await WriteAll([.. links]);

        Assert.Equal(100, outcomes.OfType<WriteOutcome.Succeeded>().Count());
        Assert.Equal((2, 2), (Log.To("owners"), Log.All.Count - Log.To("owners")));
    }

    private async Task<string> DealOf(string stage)
    {
        var ada = (await All("contacts")).Single().GetProperty("id").GetString();
        var id = (await Create("deals", new { dealname = "Theirs", pipeline = "automation_audit", dealstage = stage })).Id;
        await Put($"{Objects}/deals/{id}/associations/default/contacts/{ada}");
        return id;
    }
}
