using System.Text.Json.Nodes;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class ContractJsonTests
{
    private static readonly VendorSample Lead = VendorSample.Of("contract", "lead.submitted");

    [Fact]
    public void An_event_has_the_contracts_own_fields()
    {
        var lead = Lead.Event();

        Assert.Equal(("contract:lead.submitted:contract_demo_01", "contract_demo_01"), (lead.IdempotencyKey, Lead.DeliveryId()));
        Assert.Equal(("ops@example.com", "+15551234567", "1246901"), (lead.Contact.Email, lead.Contact.Phone, lead.Contact.ExternalIds?["hubspot"]));
        Assert.Equal(("Example Operations", "example.com", "5000_15000", true), (lead.Company?.Name, lead.Company?.Domain, lead.LeadContext?.BudgetRange, lead.ConsentToContact));
        Assert.Equal("newsletter", lead.Attribution?.UtmSource);
        Assert.Equal("""{"form_id":"diagnostic","form_name":"Diagnostic","answers":{"tools":["hubspot","make"],"team":"12"}}""", lead.Data?.GetRawText());
        var signed = VendorSample.Of("contract", "contract.signed").Event();
        Assert.Equal(("D-1", "sales", 4800m, "USD"), (signed.Deal?.ExternalId, signed.Deal?.Pipeline, signed.Deal?.Amount, signed.Deal?.Currency));
        Assert.Equal("inv_1", VendorSample.Of("contract", "invoice.paid").Event().Invoice?.Id);
    }

    [Fact]
    public void A_list_is_taken_up_to_a_hundred_and_refused_whole_beyond()
    {
        Assert.Equal(100, List(100).All().Count);
        Assert.Equal(["$ too_many_events"], List(101).Faults());
        var mixed = (Lead with { Body = $"[{Lead.Body},{{}},7]" }).All();
        Assert.IsType<Normalized.Event>(mixed[0]);
        Assert.Equal(2, mixed.OfType<Normalized.Rejected>().Count());
    }

    [Fact]
    public void An_event_without_an_id_is_named_by_the_header_that_has_it_and_a_list_never_is()
    {
        var unnamed = Lead.Without("id");

        Assert.Equal(["id missing"], unnamed.Faults());
        Assert.Equal("msg_1", unnamed.WithHeader("webhook-id", "msg_1").Event().SourceRecordId);
        Assert.Equal(["id missing"], (unnamed.WithHeader("webhook-id", "msg_1") with { Body = $"[{unnamed.Body}]" }).Faults());
    }

    [Fact]
    public void Without_a_timestamp_it_happened_when_it_came() => Assert.Equal(A.Received.AddYears(1), Lead.Without("timestamp").Event().OccurredAt);

    [Fact]
    public void A_version_that_is_not_known_and_a_type_that_the_contract_does_not_have_are_faults()
    {
        Assert.Equal(["schema_version schema_version_unknown"], Lead.With("schema_version", 99).Faults());
        Assert.Equal(["schema_version schema_version_unknown"], Lead.With("schema_version", 0).Faults());
        Assert.Equal(["type event_type_unknown"], Lead.With("type", "lead.made").Faults());
        Assert.Equal("lead.submitted", Lead.Without("schema_version").Event().EventType);
    }

    [Fact]
    public void Every_fault_is_named() => Assert.Equal(
        ["data.contact.email email_invalid", "data.contact.external_ids external_id_invalid", "data.contact.phone phone_invalid"],
        Lead.With("data.contact", new JsonObject { ["email"] = "x", ["phone"] = "12", ["external_ids"] = new JsonObject { ["a.b"] = "1" } })
            .Faults().Order(StringComparer.Ordinal));

    [Fact]
    public void Data_that_is_no_object_is_a_fault() => Assert.Contains("data not_an_object", Lead.With("data", 7).Faults());

    private static VendorSample List(int count) => Lead with { Body = $"[{string.Join(',', Enumerable.Range(0, count).Select(n => A.With(Lead.Body, "id", $"e{n}")))}]" };
}
