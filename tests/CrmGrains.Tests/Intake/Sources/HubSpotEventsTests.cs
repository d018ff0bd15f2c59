using System.Text.Json.Nodes;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class HubSpotEventsTests
{
    private static readonly VendorSample Changes = VendorSample.Of("hubspot", "crm.record.changed");

    [Fact]
    public void Each_event_of_a_list_is_an_event_of_its_own()
    {
        var events = Changes.Events();

        Assert.Equal(
            ["contact updated 1246901", "deal updated 9902", "contact merged 1246901", "company created 88001"],
            events.Select(made => $"{made.Data?.GetProperty("object")} {made.Data?.GetProperty("change")} {made.Data?.GetProperty("record_id")}"));
        Assert.Equal(("ops@example.com", "1246901"), (events[0].Contact.Email, events[0].Contact.ExternalIds?["hubspot"]));
        Assert.Equal("""{"email":"Ops@Example.com"}""", events[0].Data?.GetProperty("fields").GetRawText());
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1777230000450), events[0].OccurredAt);
        Assert.Equal("9902", events[1].Deal?.ExternalId);
        Assert.Null(events[1].Contact.ExternalIds);
    }

    [Fact]
    public void A_merge_says_which_record_lives_on_and_which_ended()
    {
        var merged = One(2, "newObjectId", 77).Event();

        Assert.Equal("77", merged.Data?.GetProperty("merged_into").GetString());
        Assert.Equal(["1246950", "1246901"], merged.Data?.GetProperty("merged_ids").EnumerateArray().Select(id => id.GetString() ?? "") ?? []);
        Assert.Equal("77", merged.Contact.ExternalIds?["hubspot"]);
    }

    [Fact]
    public void What_is_wrong_with_one_is_nothing_to_the_others()
    {
        var events = (Changes with { Body = Changes.Body.Replace("\"objectId\": 9902", "\"objectId\": []", StringComparison.Ordinal) }).All();

        Assert.Equal(3, events.OfType<Normalized.Event>().Count());
        Assert.Equal(["not_text"], Assert.IsType<Normalized.Rejected>(events[1]).Validation.Faults.Select(fault => fault.Code));
    }

    [Fact]
    public void Another_attempt_another_subscription_and_another_event_id_tell_of_one_change() => Assert.Equal(
        One(0).Event().IdempotencyKey,
        (One(0) with { Body = A.With(A.With(A.With(One(0).Body, "attemptNumber", 3), "subscriptionId", 9), "eventId", 1) }).Event().IdempotencyKey);

    [Theory]
    [InlineData("portalId", "8")]
    [InlineData("objectId", "8")]
    [InlineData("occurredAt", "1777230000451")]
    [InlineData("propertyName", "firstname")]
    [InlineData("propertyValue", "other")]
    public void Other_changes_have_other_keys(string field, string value) =>
        Assert.NotEqual(One(0).Event().IdempotencyKey, One(0, field, value).Event().IdempotencyKey);

    [Theory]
    [InlineData("contact.creation", "contact", "created")]
    [InlineData("company.deletion", "company", "deleted")]
    [InlineData("contact.restore", "contact", "restored")]
    [InlineData("p_orders.creation", "p_orders", "created")]
    public void Verbs_are_changes(string type, string kind, string change)
    {
        var data = One(0, "subscriptionType", type).Event().Data;
        Assert.Equal((kind, change), (data?.GetProperty("object").GetString(), data?.GetProperty("change").GetString()));
    }

    [Theory]
    [InlineData("0-1", "contact", "crm.record.changed")]
    [InlineData("0-5", null, "support.ticket.created")]
    [InlineData("2-77", "2-77", "crm.record.changed")]
    public void Events_of_objects_in_general_say_which_by_number(string number, string? kind, string type)
    {
        var made = (One(0) with { Body = A.With(One(0, "subscriptionType", "object.creation").Body, "objectTypeId", number) }).Event();
        Assert.Equal(type, made.EventType);
        if (kind is not null)
            Assert.Equal(kind, made.Data?.GetProperty("object").GetString());
    }

    [Fact]
    public void An_association_is_about_both_ends()
    {
        var body = """
            [{"subscriptionType":"contact.associationChange","portalId":7,"occurredAt":1777230000450,"associationType":"CONTACT_TO_COMPANY",
              "fromObjectId":11,"toObjectId":22,"associationRemoved":true}]
            """;
        var made = (Changes with { Body = body }).Event();

        Assert.Equal(("associated", "11"), (made.Data?.GetProperty("change").GetString(), made.SourceRecordId));
        Assert.Equal("""{"association_type":"CONTACT_TO_COMPANY","to_object_id":"22","removed":true}""", made.Data?.GetProperty("fields").GetRawText());
        Assert.NotEqual(made.IdempotencyKey, (Changes with { Body = body.Replace("true", "false", StringComparison.Ordinal) }).Event().IdempotencyKey);
    }

    [Fact]
    public void An_emptied_property_is_a_value_too() =>
        Assert.Equal("""{"email":null}""", One(0, "propertyValue", "").Event().Data?.GetProperty("fields").GetRawText());

    [Fact]
    public void The_name_of_the_type_is_read_under_both_names() =>
        Assert.Equal(One(0).Event().IdempotencyKey, (One(0) with { Body = One(0).Body.Replace("subscriptionType", "eventType", StringComparison.Ordinal) }).Event().IdempotencyKey);

    [Fact]
    public void Faults_are_named_and_other_types_ignored()
    {
        Assert.Equal(["subscriptionType missing"], (Changes with { Body = "[{}]" }).Faults());
        Assert.Equal(
            ["objectId missing", "occurredAt missing", "portalId missing"],
            (Changes with { Body = """[{"subscriptionType":"deal.creation"}]""" }).Faults());
        Assert.Contains("conversation.newMessage", One(0, "subscriptionType", "conversation.newMessage").Ignored(), StringComparison.Ordinal);
        Assert.Equal("It tells of no event.", (Changes with { Body = "[]" }).Ignored());
    }

    private static VendorSample One(int index) => Changes with { Body = JsonNode.Parse(Changes.Body)?[index]?.ToJsonString() ?? "" };

    private static VendorSample One(int index, string field, JsonNode? value) => One(index).With(field, value);
}
