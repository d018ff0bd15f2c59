using System.Text;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class AirtableTests
{
    internal static readonly string Ping = SampleBody.Of("airtable/ping");
    internal static readonly string Payload = SampleBody.Of("airtable/record_changed");

    internal static readonly SourceConfiguration Source = A.DiagnosticSource with
    {
        Name = "base",
        Format = "airtable",
        System = "airtable",
        IdempotencyKey = null,
        Map = new Dictionary<string, string>
        {
            ["contact.email"] = "fldEmail", ["contact.full_name"] = "fldName", ["lead.detected_stack"] = "fldTools", ["consent"] = "fldOk",
        },
    };

    [Fact]
    public void A_call_says_what_to_fetch() =>
        Assert.Equal(new Normalized.Ping("appDemo1", "achDemo1"), A.Normalized(Source, Ping));

    [Fact]
    public void An_id_that_could_lead_elsewhere_is_a_fault()
    {
        Assert.Equal(["webhook.id id_invalid"], A.Faults(Source, A.With(Ping, "webhook.id", "ach/../../x")));
        Assert.Equal(["base.id missing", "webhook.id missing"], A.Faults(Source, "{}"));
        Assert.Equal(["base id_invalid"], A.Faults(Source, A.With(Payload, "base", "a b")));
    }

    [Fact]
    public void Each_record_of_a_transaction_is_an_event()
    {
        var events = Read(Source, Payload).Cast<Normalized.Event>().Select(one => one.Value).ToList();

        Assert.All(events, one => Assert.Equal("crm.record.changed", one.EventType));
        Assert.Equal(["recDemo2", "recDemo1", "recDemo3"], events.Select(one => one.SourceRecordId));
        Assert.Equal(["created", "updated", "deleted"], events.Select(one => one.Data?.GetProperty("change").GetString()));
        Assert.Equal(["ops@example.com", "ines@nordwind.test", null], events.Select(one => one.Contact.Email));
        Assert.Equal(("airtable", "tblDemo1"), (events[1].Data?.GetProperty("system").GetString(), events[1].Data?.GetProperty("object").GetString()));
        Assert.Equal("Won", events[1].Data?.GetProperty("fields").GetProperty("fldStage").GetProperty("name").GetString());
        Assert.Equal(3, events.Select(one => one.IdempotencyKey).Distinct().Count());
    }

    [Fact]
    public void A_change_is_one_event_whichever_webhook_tells_of_it()
    {
        string[] Keys(string body) => [.. Read(Source, body).OfType<Normalized.Event>().Select(one => one.Value.IdempotencyKey)];

        Assert.Equal("base:crm.record.changed:appDemo1:91:tblDemo1:recDemo2:created", Keys(Payload)[0]);
        Assert.Equal(Keys(Payload), Keys(A.With(A.With(Payload, "webhook", "achOther"), "number", 77)));
        Assert.NotEqual(Keys(Payload), Keys(A.With(Payload, "payload.baseTransactionNumber", 92)));
    }

    [Fact]
    public void A_new_row_of_a_table_may_be_a_lead_and_the_rest_stays_what_it_is()
    {
        var source = Source with { EventTypes = new Dictionary<string, string> { ["tblDemo1.created"] = "lead.submitted" } };
        var events = Read(source, Payload).Cast<Normalized.Event>().Select(one => one.Value).ToList();
        var lead = events[0];

        Assert.Equal(["lead.submitted", "crm.record.changed", "crm.record.changed"], events.Select(one => one.EventType));
        Assert.Equal(("ops@example.com", "Elena Moretti", true), (lead.Contact.Email, lead.Contact.FullName, lead.ConsentToContact));
        Assert.Equal(["hubspot", "make"], lead.LeadContext?.DetectedStack ?? []);
        Assert.Equal("""["HubSpot","Make"]""", lead.Data?.GetProperty("answers").GetProperty("fldTools").GetRawText());
    }

    [Fact]
    public void What_was_written_over_the_API_is_left_unless_its_type_is_named()
    {
        var body = A.With(Payload, "payload.actionMetadata.source", "publicApi");
        var named = Source with { EventTypes = new Dictionary<string, string> { ["created"] = "crm.record.changed" } };

        Assert.All(Read(Source, body), one => Assert.IsType<Normalized.Ignored>(one));
        Assert.Equal(1, Read(named, body).Count(one => one is Normalized.Event));
    }

    [Fact]
    public void A_record_with_a_fault_leaves_the_others_alone()
    {
        var events = Read(Source, Payload.Replace("ops@example.com", "nobody", StringComparison.Ordinal));

        var rejected = Assert.IsType<Normalized.Rejected>(events[0]).Validation;
        Assert.Equal("cellValuesByFieldId.fldEmail", Assert.Single(rejected.Faults).Path);
        Assert.All(events.Skip(1), one => Assert.IsType<Normalized.Event>(one));
    }

    [Fact]
    public void A_payload_without_its_time_is_rejected_whole() =>
        Assert.Equal(["payload.timestamp missing"], A.Faults(Source, A.Without(Payload, "payload.timestamp")));

    [Fact]
    public void A_call_has_an_id_by_its_time() =>
        Assert.Equal("ping:achDemo1:2026-04-26T18:12:41.100Z", TypeformTests.DeliveryIdOf("airtable", Ping));

    private static IReadOnlyList<Normalized> Read(SourceConfiguration source, string body) => A.AllOf(source, Encoding.UTF8.GetBytes(body));
}
