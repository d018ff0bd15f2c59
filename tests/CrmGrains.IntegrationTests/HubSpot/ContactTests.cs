using CrmGrains.Connectors;
using CrmGrains.Connectors.HubSpot;
using CrmGrains.Core.Fields;

namespace CrmGrains.IntegrationTests.HubSpot;

public sealed class ContactTests : HubSpotTest
{
    [Fact]
    public async Task A_contact_that_is_not_there_is_created_with_what_the_field_map_names()
    {
        var done = await Done(Of(Contact("ada@nordwind.test", ("full_name", FieldValue.Of("Ada King Lovelace")),
            ("consent_to_contact", FieldValue.Of((bool?)true)), ("detected_stack", FieldValue.Of(["make", "hubspot"])),
            ("lead_score", FieldValue.Of((decimal?)80)), ("utm_source", FieldValue.Of("news")))));

        Assert.Equal("created", done.Action);
        Assert.Equal(
            ("ada@nordwind.test", "Ada", "King Lovelace", "true", "make;hubspot", "80"),
            (await Property("contacts", done.CrmId, "email"), await Property("contacts", done.CrmId, "firstname"),
             await Property("contacts", done.CrmId, "lastname"), await Property("contacts", done.CrmId, "consent_to_contact"),
             await Property("contacts", done.CrmId, "detected_stack"), await Property("contacts", done.CrmId, "lead_score")));
        Assert.Equal(("demo/customer/ada", done.EffectKey),
            (await Property("contacts", done.CrmId, "crmgrains_key"), await Property("contacts", done.CrmId, "crmgrains_effect")));
    }

    [Fact]
    public async Task Writing_it_again_makes_no_second_one()
    {
        var first = await Done(Of(Contact("ada@nordwind.test")));
        var second = await Done(Of(Contact("ADA@nordwind.test")));
        var third = await Done(Of(Contact("ada@nordwind.test", ("phone", FieldValue.Of("+49 30 1"))), first.CrmId));

        Assert.Equal((first.CrmId, "updated"), (second.CrmId, second.Action));
        Assert.Equal((first.CrmId, "updated"), (third.CrmId, third.Action));
        Assert.Single(await All("contacts"));
        Assert.Equal("+49 30 1", await Property("contacts", first.CrmId, "phone"));
    }

    [Fact]
    public async Task A_contact_that_people_made_is_found_by_email_and_gets_our_key()
    {
        var there = await ContactId("ada@nordwind.test");

        var done = await Done(Of(Contact("ada@nordwind.test")));

        Assert.Equal((there, "updated"), (done.CrmId, done.Action));
        Assert.Equal("demo/customer/ada", await Property("contacts", there, "crmgrains_key"));
    }

    [Fact]
    public async Task Two_contacts_with_the_addresses_of_one_customer_are_for_a_person_to_merge()
    {
        var (one, other) = (await ContactId("ada@nordwind.test"), await ContactId("ada@home.test"));

        var outcome = await WriteOne(Of(Contact("ada@nordwind.test") with { Email = ["ada@nordwind.test", "ada@home.test"] }));

        var review = Assert.IsType<WriteOutcome.ManualReview>(outcome);
        Assert.Equal("ambiguous_duplicate_match", review.Error);
        Assert.Contains(one, review.Detail, StringComparison.Ordinal);
        Assert.Contains(other, review.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clash_that_the_read_did_not_see_is_resolved_by_the_id_in_the_refusal()
    {
        var there = await ContactId("ada@nordwind.test");

        // Both reads come back without it, as for a second address that HubSpot doesn't read by.
        await Fault("contacts/batch/read", "status", count: 2, status: 400);

        var done = await Done(Of(Contact("ada@nordwind.test")));

        Assert.Equal((there, "updated"), (done.CrmId, done.Action));
        Assert.Single(await All("contacts"));
    }

    [Fact]
    public async Task A_hundred_contacts_take_one_read_and_one_write()
    {
        var outcomes = await WriteAll([.. Enumerable.Range(0, 100).Select(i => Of(Contact($"p{i}@nordwind.test")))]);

        Assert.All(outcomes, outcome => Assert.Equal("created", Assert.IsType<WriteOutcome.Succeeded>(outcome).Action));
        Assert.Equal(2, Log.All.Count);
        Assert.Equal(100, (await All("contacts")).Count);
        Assert.Equal(100, Log.All[1].EffectKeys.Count);
    }

    [Fact]
    public async Task One_bad_row_of_a_hundred_does_not_sink_the_others()
    {
        var outcomes = await WriteAll([.. Enumerable.Range(0, 100).Select(i =>
            Of(Contact($"p{i}@nordwind.test", ("budget_range", FieldValue.Of(i == 37 ? "a lot" : "under_5000")))))]);

        Assert.Equal("invalid_enum", Assert.IsType<WriteOutcome.ManualReview>(outcomes[37]).Error);
        Assert.Equal(99, outcomes.OfType<WriteOutcome.Succeeded>().Count());
        Assert.Equal(99, (await All("contacts")).Count);
        Assert.Equal("partial", Log.All[^1].Outcome);
    }

    [Fact]
    public async Task A_batch_refused_as_a_whole_is_split_until_the_bad_row_is_alone()
    {
        // As HubSpot does where it gives no partial results: seven refusals lead to one row of a hundred.
        await Fault("contacts/batch/upsert", "status", count: 8, status: 400);

        var outcomes = await WriteAll([.. Enumerable.Range(0, 100).Select(i => Of(Contact($"p{i}@nordwind.test")))]);

        Assert.Equal(
            "invalid_request",
            Assert.IsType<WriteOutcome.ManualReview>(Assert.Single(outcomes, outcome => outcome is not WriteOutcome.Succeeded)).Error);
        Assert.Equal(99, (await All("contacts")).Count);
        Assert.InRange(Log.To("upsert"), 9, 20);
    }

    [Fact]
    public async Task Rows_of_a_partial_failure_are_judged_one_by_one()
    {
        await Fault("contacts/batch/upsert", "partial", status: 500);

        var outcomes = await WriteAll(Of(Contact("a@nordwind.test")), Of(Contact("b@nordwind.test")), Of(Contact("c@nordwind.test")));

        Assert.Equal("server_error", Assert.IsType<WriteOutcome.Retryable>(outcomes[0]).Error);
        Assert.IsType<WriteOutcome.Succeeded>(outcomes[1]);
        Assert.IsType<WriteOutcome.Retryable>(outcomes[2]);
        Assert.Single(await All("contacts"));
    }

    [Fact]
    public async Task Two_writes_of_one_record_in_a_batch_are_both_carried_out_in_their_order()
    {
        var id = await ContactId("ada@nordwind.test");

        var outcomes = await WriteAll(
            Of(Contact("ada@nordwind.test", ("phone", FieldValue.Of("1"))), id),
            Of(Contact("ada@nordwind.test", ("phone", FieldValue.Of("2"))), id));

        Assert.All(outcomes, outcome => Assert.IsType<WriteOutcome.Succeeded>(outcome));
        Assert.Equal("2", await Property("contacts", id, "phone"));
    }

    [Fact]
    public async Task A_known_contact_that_was_deleted_is_made_anew_and_the_others_of_its_batch_are_updated()
    {
        var bob = await ContactId("bob@nordwind.test");
        var gone = await ContactId("ada@nordwind.test");
        await Delete($"{Objects}/contacts/{gone}");

        var outcomes = await WriteAll(Of(Contact("ada@nordwind.test"), gone), Of(Contact("bob@nordwind.test"), bob));

        var ada = Assert.IsType<WriteOutcome.Succeeded>(outcomes[0]);
        Assert.Equal("created", ada.Action);
        Assert.NotEqual(gone, ada.CrmId);
        Assert.Equal((bob, "updated"), outcomes[1] is WriteOutcome.Succeeded done ? (done.CrmId, done.Action) : default);
        Assert.Equal(2, (await All("contacts")).Count);
    }

    [Fact]
    public async Task A_known_contact_that_was_merged_into_another_is_found_there_by_its_address()
    {
        var survivor = await ContactId("ada@nordwind.test");

        var done = await Done(Of(Contact("ada@nordwind.test", ("phone", FieldValue.Of("1"))), "4711"));

        Assert.Equal((survivor, "updated"), (done.CrmId, done.Action));
        Assert.Equal("1", await Property("contacts", survivor, "phone"));
        Assert.Single(await All("contacts"));
    }

    [Fact]
    public async Task A_merged_contact_whose_address_is_only_a_second_one_of_the_other_is_found_by_the_refusal()
    {
        var survivor = await ContactId("ada@nordwind.test");
        await Fault("contacts/batch/read", "status", count: 2, status: 400);  // as where HubSpot doesn't read by second addresses

        var done = await Done(Of(Contact("ada@nordwind.test"), "4711"));

        Assert.Equal((survivor, "updated"), (done.CrmId, done.Action));
        Assert.Single(await All("contacts"));
    }

    [Fact]
    public async Task A_contact_that_is_gone_each_time_it_is_looked_for_ends_in_few_calls()
    {
        await Fault("contacts/batch/update", "partial", count: 10, status: 404);
        var there = await ContactId("ada@nordwind.test");

        var outcome = await WriteOne(Of(Contact("ada@nordwind.test"), there));

        Assert.Equal("object_not_found", Assert.IsType<WriteOutcome.ManualReview>(outcome).Error);
        Assert.InRange(Log.All.Count, 1, 6);
    }

    [Fact]
    public async Task An_upsert_dropped_after_success_is_uncertain_and_repeating_it_makes_no_second_contact()
    {
        await WriteOne(Of(Contact("first@nordwind.test")));  // so that the connection is a kept one
        await Fault("contacts/batch/upsert", "drop_after_success");
        var write = Of(Contact("ada@nordwind.test"));

        Assert.True(Assert.IsType<WriteOutcome.Retryable>(await WriteOne(write)).IsUncertain);
        Assert.Equal(2, (await All("contacts")).Count);

        Assert.Equal("updated", (await Done(write with { IsUncertain = true, Attempt = 2 })).Action);
        Assert.Equal(2, (await All("contacts")).Count);
    }
}
