using System.Text.Json.Nodes;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class PipedriveEventsTests
{
    private static readonly VendorSample Changed = VendorSample.Of("pipedrive", "crm.record.changed");

    [Fact]
    public void A_changed_person_is_a_contact_with_the_fields_that_were_otherwise_before()
    {
        var made = Changed.Event();

        Assert.Equal(("ops@example.com", "+15551234567", "Elena Moretti"), (made.Contact.Email, made.Contact.Phone, made.Contact.FullName));
        Assert.Equal("311", made.Contact.ExternalIds?["pipedrive"]);
        Assert.Equal(("pipedrive", "contact", "updated"), (Text(made, "system"), Text(made, "object"), Text(made, "change")));
        Assert.Equal(
            ["phones", "update_time", "d4de1c1518b4531717c676029a45911c34000001"], made.Data?.GetProperty("fields").EnumerateObject().Select(field => field.Name) ?? []);
        Assert.Equal("newsletter", made.Data?.GetProperty("fields").GetProperty("d4de1c1518b4531717c676029a45911c34000001").GetString());
        Assert.Equal("0c4d-demo-0001", made.CorrelationId);
        Assert.Equal("7b1e0a10-0000-4000-8000-0000000000d1", Changed.DeliveryId());
    }

    [Fact]
    public void A_deal_names_its_person_and_what_it_is_worth()
    {
        var made = Changed.With("meta.entity", "deal").With("data", new JsonObject { ["person_id"] = 311, ["value"] = 1290, ["currency"] = "eur" }).Event();

        Assert.Equal(("311", "311", 1290m, "EUR"), (made.Contact.ExternalIds?["pipedrive"], made.Deal?.ExternalId, made.Deal?.Amount, made.Deal?.Currency));
        Assert.Equal("deal", Text(made, "object"));
    }

    [Fact]
    public void What_is_deleted_is_known_from_what_it_was()
    {
        var deleted = Changed.With("meta.action", "delete").With("data", null).With("previous.name", "Elena Moretti").Event();

        Assert.Equal("deleted", Text(deleted, "change"));
        Assert.Equal("Elena Moretti", deleted.Contact.FullName);
    }

    [Fact]
    public void The_two_webhooks_of_a_merge_tell_of_one()
    {
        var gone = Changed.With("meta.action", "delete").With("meta.id", "a").With("data", null).With("previous.merged_to_id", 400).Event();
        var taken = Changed.With("meta.id", "b").With("meta.entity_id", "400").With("data.merged_from_id", 311).Event();

        Assert.Equal(gone.IdempotencyKey, taken.IdempotencyKey);
        Assert.All([gone, taken], made => Assert.Equal(
            ("merged", "400", "311", "400"),
            (Text(made, "change"), Text(made, "merged_into"), made.Data?.GetProperty("merged_ids")[0].GetString(), made.Contact.ExternalIds?["pipedrive"])));
    }

    [Fact]
    public void An_attempt_is_no_other_event_and_another_id_is()
    {
        Assert.Equal(Changed.Event().IdempotencyKey, Changed.With("meta.attempt", 2).Event().IdempotencyKey);
        Assert.NotEqual(Changed.Event().IdempotencyKey, Changed.With("meta.id", "c").Event().IdempotencyKey);
    }

    [Fact]
    public void Addresses_that_are_none_are_left_out() =>
        Assert.Null(Changed.With("data.emails", new JsonArray(new JsonObject { ["value"] = "x" })).With("data.phones", "555").Event().Contact.Email);

    [Fact]
    public void Faults_are_named_and_other_objects_ignored()
    {
        Assert.Equal(["meta.version version_unknown"], Changed.With("meta.version", "1.0").Faults());
        Assert.Equal(["meta.action missing", "meta.entity missing"], Changed.Without("meta.action").Without("meta.entity").Faults());
        Assert.Equal(
            ["meta.id missing", "meta.entity_id missing", "meta.timestamp instant_invalid"],
            Changed.Without("meta.id").Without("meta.entity_id").With("meta.timestamp", "noon").Faults());
        Assert.Contains("change.pipeline", Changed.With("meta.entity", "pipeline").Ignored(), StringComparison.Ordinal);
    }

    private static string? Text(CrmGrains.Core.Events.ContractEvent made, string field) => made.Data?.GetProperty(field).GetString();
}
