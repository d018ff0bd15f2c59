using CrmGrains.Core.Configuration;
using System.Text.Json;
using CrmGrains.Core.Json;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class GenericJsonTests
{
    private const string Body = """
        {"id":"rec_7","type":"booking.created","timestamp":"2026-04-26T18:00:00Z","data":{"email":"Ines@Nordwind.test","booking_id":"b_7","starts_at":"2026-05-02T09:00:00Z","slots":[1,2]}}
        """;

    private const string Wide = """
        {"meta":{"ref":991,"kind":"won","when":1777000100123,"trace":"corr-1"},
         "person":{"mail":"ines@nordwind.test","tel":"+49 30 901820","name":"Ines Roth","hubspot":551},
         "org":{"title":"Nordwind","url":"www.nordwind.test"},
         "deal":{"no":"D-1","line":"sales","value":"1234.50","cur":"eur"},
         "need":{"budget":"5000_15000","how_soon":"high","text":"a\nb","tools":"make, airtable"},
         "ok":"yes","utm":{"source":"news"},
         "bill":{"no":"INV-1","total":99.9,"cur":"usd","tries":2,"next":"2027-01-01"}}
        """;

    private static readonly Dictionary<string, string> WideMap = new()
    {
        ["source_record_id"] = "meta.ref", ["event_type"] = "meta.kind", ["occurred_at"] = "meta.when", ["correlation_id"] = "meta.trace",
        ["contact.email"] = "person.mail", ["contact.phone"] = "person.tel", ["contact.full_name"] = "person.name",
        ["contact.external_ids.hubspot"] = "person.hubspot", ["company.name"] = "org.title", ["company.domain"] = "org.url",
        ["deal.external_id"] = "deal.no", ["deal.pipeline"] = "deal.line", ["deal.amount"] = "deal.value", ["deal.currency"] = "deal.cur",
        ["lead.budget_range"] = "need.budget", ["lead.urgency"] = "need.how_soon", ["lead.pain_summary"] = "need.text",
        ["lead.detected_stack"] = "need.tools", ["consent"] = "ok", ["attribution.utm_source"] = "utm.source", ["data"] = "need",
        ["invoice.id"] = "bill.no", ["invoice.amount"] = "bill.total", ["invoice.currency"] = "bill.cur", ["invoice.attempts"] = "bill.tries",
        ["invoice.next_attempt_at"] = "bill.next",
    };

    [Fact]
    public void The_form_of_Standard_Webhooks_needs_a_map_for_the_person_only()
    {
        var (booked, validation) = A.Event(A.JsonSource, Body);

        Assert.Equal(("booking.created", "rec_7", "some_system"), (booked.EventType, booked.SourceRecordId, booked.SourceSystem));
        Assert.Equal(new DateTimeOffset(2026, 4, 26, 18, 0, 0, TimeSpan.Zero), booked.OccurredAt);
        Assert.Equal("crm:booking.created:rec_7", booked.IdempotencyKey);
        Assert.Equal("ines@nordwind.test", booked.Contact.Email);
        Assert.Null(booked.Company);
        Assert.Null(booked.LeadContext);
        Assert.Equal("""{"email":"Ines@Nordwind.test","booking_id":"b_7","starts_at":"2026-05-02T09:00:00Z","slots":[1,2]}""", booked.Data?.GetRawText());
        Assert.Equal(
            (true, (bool?)null, (bool?)null, (bool?)null),
            (validation.EmailValid, validation.PhoneValid, validation.DomainValid, validation.ConsentValid));
    }

    [Fact]
    public void Every_field_of_the_contract_can_be_mapped()
    {
        var source = A.JsonSource with { Map = WideMap, EventTypes = new Dictionary<string, string> { ["won"] = "lead.submitted" } };
        var lead = A.Event(source, Wide).Value;

        Assert.Equal(("lead.submitted", "991", "corr-1"), (lead.EventType, lead.SourceRecordId, lead.CorrelationId));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1777000100123), lead.OccurredAt);
        Assert.Equal(("ines@nordwind.test", "+4930901820", "Ines Roth"), (lead.Contact.Email, lead.Contact.Phone, lead.Contact.FullName));
        Assert.Equal("551", lead.Contact.ExternalIds?["hubspot"]);
        Assert.Equal(("Nordwind", "nordwind.test"), (lead.Company?.Name, lead.Company?.Domain));
        Assert.Equal(("D-1", "sales", 1234.50m, "EUR"), (lead.Deal?.ExternalId, lead.Deal?.Pipeline, lead.Deal?.Amount, lead.Deal?.Currency));
        Assert.Equal(("5000_15000", "high", "a\nb"), (lead.LeadContext?.BudgetRange, lead.LeadContext?.Urgency, lead.LeadContext?.PainSummary));
        Assert.Equal(["make", "airtable"], lead.LeadContext?.DetectedStack ?? []);
        Assert.Equal(("INV-1", 99.9m, "USD", 2), (lead.Invoice?.Id, lead.Invoice?.Amount, lead.Invoice?.Currency, lead.Invoice?.Attempts));
        Assert.Equal((true, "news"), (lead.ConsentToContact, lead.Attribution?.UtmSource));
        Assert.All(WideMap.Keys, field => Assert.True(SourceWords.IsMapTarget(field), field));
    }

    [Fact]
    public void The_event_outlives_the_payload_that_it_came_from() =>
        Assert.Contains("\"slots\":[1,2]", JsonSerializer.Serialize(A.Event(A.JsonSource, Body).Value, CoreJson.Default.ContractEvent), StringComparison.Ordinal);

    [Fact]
    public void A_type_is_mapped_or_of_the_contract_or_rejected()
    {
        Assert.Equal("custom.anything", A.Event(A.JsonSource, A.With(Body, "type", "custom.anything")).Value.EventType);
        Assert.Equal(["type event_type_unknown"], A.Faults(A.JsonSource, A.With(Body, "type", "booking.made")));
        Assert.Equal(["type event_type_unknown"], A.Faults(A.JsonSource, A.With(Body, "type", "custom.")));
        Assert.Equal(["type missing"], A.Faults(A.JsonSource, A.Without(Body, "type")));
        Assert.Equal(
            "booking.created",
            A.Event(A.JsonSource with { EventType = "booking.created" }, A.With(Body, "type", "whatever")).Value.EventType);
    }

    [Fact]
    public void A_time_that_is_mapped_has_to_be_there_and_one_that_is_not_is_the_time_of_receipt()
    {
        var mapped = A.JsonSource with { Map = new Dictionary<string, string>(A.JsonSource.Map) { ["occurred_at"] = "data.at" } };

        Assert.Equal(A.Received, A.Event(A.JsonSource, A.Without(Body, "timestamp")).Value.OccurredAt);
        Assert.Equal(["data.at missing"], A.Faults(mapped, Body));
        Assert.Equal(["timestamp instant_invalid"], A.Faults(A.JsonSource, A.With(Body, "timestamp", "noon")));
    }

    [Fact]
    public void What_may_be_about_nobody_needs_no_person() =>
        Assert.Null(A.Event(A.JsonSource, A.With(A.Without(Body, "data.email"), "type", "custom.nightly_run")).Value.Contact.Email);

    [Fact]
    public void A_person_is_needed() => Assert.Equal(["data.email contact_missing"], A.Faults(A.JsonSource, A.Without(Body, "data.email")));

    [Fact]
    public void A_lead_needs_an_address_and_consent() => Assert.Equal(
        ["data.email email_missing", "consent consent_missing"],
        A.Faults(A.JsonSource, A.With(A.Without(Body, "data.email"), "type", "lead.submitted")));

    [Fact]
    public void A_record_id_is_needed() => Assert.Equal(["id missing"], A.Faults(A.JsonSource, A.Without(Body, "id")));

    [Fact]
    public void An_invoice_without_amount_or_currency_is_rejected() => Assert.Equal(
        ["invoice.amount missing", "invoice.currency missing"],
        A.Faults(A.JsonSource with { Map = new Dictionary<string, string>(A.JsonSource.Map) { ["invoice.id"] = "id" } }, Body));
}
