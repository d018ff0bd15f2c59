using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class WebflowFormsTests
{
    internal static readonly string Body = SampleBody.Of("webflow/lead");
    internal static readonly string Older = SampleBody.Of("webflow/lead_older");

    internal static readonly SourceConfiguration Source = TypeformTests.Source with
    {
        Name = "site",
        Format = "webflow",
        System = "webflow",
        Map = new Dictionary<string, string>
        {
            ["contact.email"] = "Work e-mail", ["lead.pain_summary"] = "How can we help, e.g. with which tools?",
        },
    };

    [Fact]
    public void A_submission_becomes_a_lead_by_its_labels()
    {
        var (lead, validation) = A.Event(Source, Body);

        Assert.Equal(
            ("lead.submitted", "66demo0000000000000000e1", "site:lead.submitted:66demo0000000000000000e1"),
            (lead.EventType, lead.SourceRecordId, lead.IdempotencyKey));
        Assert.Equal(new DateTimeOffset(2026, 4, 26, 18, 12, 41, 120, TimeSpan.Zero), lead.OccurredAt);
        Assert.Equal(("ops@example.com", "+15551234567", "Elena Moretti"), (lead.Contact.Email, lead.Contact.Phone, lead.Contact.FullName));
        Assert.Equal(("Example Operations", "HubSpot and Make"), (lead.Company?.Name, lead.LeadContext?.PainSummary));
        Assert.Equal((true, "newsletter"), (lead.ConsentToContact, lead.Attribution?.UtmSource));
        Assert.Equal("65demo0000000000000000f1", lead.Data?.GetProperty("form_id").GetString());
        Assert.Equal("HubSpot and Make", lead.Data?.GetProperty("answers").GetProperty("How can we help, e.g. with which tools?").GetString());
        Assert.Equal("passed", validation.Status);
    }

    [Fact]
    public void Case_and_punctuation_of_a_label_make_no_difference_to_a_map() => Assert.Equal(
        "HubSpot and Make",
        A.Event(Source with { Map = new Dictionary<string, string> { ["contact.email"] = "work e mail", ["lead.pain_summary"] = "how can we help e g with which tools" } }, Body)
            .Value.LeadContext?.PainSummary);

    [Fact]
    public void The_older_form_without_an_envelope_is_read_as_well()
    {
        var lead = A.Event(Source with { Map = new Dictionary<string, string>() }, Older).Value;

        Assert.Equal(("66demo0000000000000000e2", "ops@example.com", "Elena Moretti"), (lead.SourceRecordId, lead.Contact.Email, lead.Contact.FullName));
        Assert.Equal((true, "Please call me"), (lead.ConsentToContact, lead.LeadContext?.PainSummary));
    }

    [Fact]
    public void Another_trigger_is_not_taken_and_none_is_a_fault()
    {
        Assert.IsType<Normalized.Ignored>(A.Normalized(Source, A.With(Body, "triggerType", "site_publish")));
        Assert.Equal(["triggerType missing"], A.Faults(Source, "{}"));
        Assert.Equal(
            ["payload.id missing", "payload.submittedAt missing", "Work e-mail email_missing", "consent consent_missing"],
            A.Faults(Source, """{"triggerType":"form_submission"}"""));
        Assert.Equal(["payload.data.Work e-mail email_invalid"], A.Faults(Source, A.With(Body, "payload.data.Work e-mail", "ops")));
    }

    [Fact]
    public void The_delivery_is_the_submission()
    {
        Assert.Equal("66demo0000000000000000e1", TypeformTests.DeliveryIdOf("webflow", Body));
        Assert.Equal("66demo0000000000000000e2", TypeformTests.DeliveryIdOf("webflow", Older));
    }
}
