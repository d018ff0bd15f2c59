using CrmGrains.Connectors;
using CrmGrains.Connectors.HubSpot;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Grains;

namespace CrmGrains.IntegrationTests.HubSpot;

public sealed class ActivityTests : HubSpotTest
{
    [Fact]
    public async Task A_note_is_made_with_its_associations_escaped_and_marked()
    {
        var ada = await Ada();
        var write = Of(Note(), null, ada);

        var done = await Done(write);

        Assert.Equal("created", done.Action);
        Assert.Equal(
            $"<p><strong>lead &lt;submitted&gt;</strong></p><p>Budget: 5 &amp; more</p><p>CrmGrains ref: {write.EffectKey}</p>",
            await Property("notes", done.CrmId, "hs_note_body"));
        Assert.Single(await All("associations"));
    }

    [Theory]
    [InlineData("drop_after_success")]
    [InlineData("timeout")]
    [InlineData("garbage")]
    public async Task A_note_without_an_answer_is_looked_for_before_it_is_repeated(string kind)
    {
        var ada = await Ada();
        using var crm = (HubSpotCrm)Connect(new HubSpotOptions { BatchTimeout = TimeSpan.FromMilliseconds(500) });
        await crm.WriteAsync([Of(Note(), null, ada)], Log, CancellationToken.None);  // another note, and a connection that is kept
        await Fault("notes/batch/create", kind);
        var write = Of(Note(), null, ada);

        var first = Assert.Single(await crm.WriteAsync([write], Log, CancellationToken.None));
        Assert.True(
            first is WriteOutcome.Retryable { IsUncertain: true } or WriteOutcome.Unknown { IsUncertain: true }, $"It was {first}.");
        var second = Assert.Single(await crm.WriteAsync([write with { IsUncertain = true, Attempt = 2 }], Log, CancellationToken.None));

        Assert.Equal(kind == "drop_after_success" ? "found" : "created", Assert.IsType<WriteOutcome.Succeeded>(second).Action);
        Assert.Equal(2, (await All("notes")).Count);
    }

    [Fact]
    public async Task An_uncertain_note_that_cannot_be_looked_for_is_not_repeated()
    {
        var ada = await Ada();
        await Refuse("contacts/notes/batch/read", 503);

        var outcome = await WriteOne(Of(Note(), null, ada) with { IsUncertain = true });

        Assert.True(Assert.IsType<WriteOutcome.Retryable>(outcome).IsUncertain);
        Assert.Empty(await All("notes"));
    }

    [Fact]
    public async Task An_uncertain_note_is_found_on_any_record_that_it_is_on()
    {
        var (ada, deal) = (await Ada(), (new RecordRef(CrmObject.Deal, GrainId.Of("demo", GrainKind.Deal, "ada/audit")), await DealId()));
        var write = Of(new CrmCommand.WriteNote(DateTimeOffset.UnixEpoch, "x", [], [ContactRef(), deal.Item1]), null, ada, deal);
        var made = await Done(write);
        await Delete($"{Objects}/contacts/{ada.Id}");
        var anew = await Ada();

        var again = await Done(Of(write.Command, null, anew, deal) with { EffectKey = write.EffectKey, IsUncertain = true, Attempt = 2 });

        Assert.Equal((made.CrmId, "found"), (again.CrmId, again.Action));
        Assert.Single(await All("notes"));
    }

    [Fact]
    public async Task A_task_has_its_due_date_priority_and_owner()
    {
        var done = await Done(Of(TaskFor("account.manager@crmgrains.test"), null, await Ada()));

        Assert.Equal("active", done.OwnerStatus);
        Assert.Equal(("2026-11-21T09:00:00.000Z", "HIGH", "NOT_STARTED", "9002"),
            (await Property("tasks", done.CrmId, "hs_timestamp"), await Property("tasks", done.CrmId, "hs_task_priority"),
             await Property("tasks", done.CrmId, "hs_task_status"), await Property("tasks", done.CrmId, "hubspot_owner_id")));
    }

    [Fact]
    public async Task One_bad_note_of_a_hundred_does_not_sink_the_others()
    {
        var ada = await Ada();
        var writes = Enumerable.Range(0, 100).Select(i => Of(Note(), null, i == 41 ? (ContactRef(), "99") : ada)).ToArray();

        var outcomes = await WriteAll(writes);

        Assert.Equal("object_not_found", Assert.IsType<WriteOutcome.ManualReview>(outcomes[41]).Error);
        Assert.Equal(99, (await All("notes")).Count);
        Assert.Equal(1, Log.To("batch/create"));
        foreach (var (write, outcome) in writes.Zip(outcomes).Where(pair => pair.Second is WriteOutcome.Succeeded))
            Assert.Contains(
                write.EffectKey, await Property("notes", ((WriteOutcome.Succeeded)outcome).CrmId, "hs_note_body"),
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_are_linked_in_one_call_and_a_missing_one_fails_alone()
    {
        var (ada, company) = (await Ada(), await CompanyId("Nordwind"));
        var record = new RecordRef(CrmObject.Company, GrainId.Of("demo", GrainKind.Company, "nordwind.test"));
        var command = new CrmCommand.Associate(ContactRef(), record);

        var outcomes = await WriteAll(
            Of(command, null, ada, (record, company)), Of(command, null, ada, (record, company)), Of(command, null, ada, (record, "77")),
            Of(command, null, ada));

        Assert.Equal("linked", Assert.IsType<WriteOutcome.Succeeded>(outcomes[0]).Action);
        Assert.IsType<WriteOutcome.Succeeded>(outcomes[1]);
        Assert.Equal("object_not_found", Assert.IsType<WriteOutcome.ManualReview>(outcomes[2]).Error);
        Assert.Equal("object_not_found", Assert.IsType<WriteOutcome.ManualReview>(outcomes[3]).Error);
        Assert.Equal((1, 1), (Log.To("contacts/companies/batch/read"), Log.To("batch/associate/default")));  // what people made may be linked already
        Assert.Equal(2, Log.All.Count);
        Assert.Single(await All("associations"));
    }
}
