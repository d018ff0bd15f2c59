using System.Text.Json.Nodes;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class TallyTests
{
    internal static readonly string Body = SampleBody.Of("tally/lead");

    internal static readonly SourceConfiguration Source = TypeformTests.Source with
    {
        Name = "contact",
        Format = "tally",
        System = "tally",
        Map = new Dictionary<string, string> { ["lead.detected_stack"] = "question_t1" },
    };

    [Fact]
    public void A_response_becomes_a_lead_with_the_texts_of_its_options()
    {
        var (lead, validation) = A.Event(Source, Body);

        Assert.Equal(("lead.submitted", "dEmoR1", "contact:lead.submitted:dEmoR1"), (lead.EventType, lead.SourceRecordId, lead.IdempotencyKey));
        Assert.Equal(new DateTimeOffset(2026, 4, 26, 18, 12, 41, TimeSpan.Zero), lead.OccurredAt);
        Assert.Equal(("ops@example.com", "+15551234567", "Elena Moretti"), (lead.Contact.Email, lead.Contact.Phone, lead.Contact.FullName));
        Assert.Equal("example.com", lead.Company?.Domain);
        Assert.Equal(["hubspot", "make"], lead.LeadContext?.DetectedStack ?? []);
        Assert.Equal("Leads reach the CRM a day late.", lead.LeadContext?.PainSummary);
        Assert.Equal((true, "newsletter"), (lead.ConsentToContact, lead.Attribution?.UtmSource));
        Assert.Equal("passed", validation.Status);
        var answers = lead.Data?.GetProperty("answers") ?? default;
        Assert.Equal(
            [
                "question_n1", "question_a1", "question_p1", "question_w1", "question_b1", "question_t1", "question_m1", "question_c1", "question_s1",
                "utm_source",
            ],
            answers.EnumerateObject().Select(answer => answer.Name));
        Assert.Equal("""["Sales"]""", answers.GetProperty("question_b1").GetRawText());
        Assert.Equal("""["https://storage.tally.test/brief.pdf"]""", answers.GetProperty("question_c1").GetRawText());
    }

    [Fact]
    public void A_box_that_nobody_ticked_is_no_consent() => Assert.Equal(
        ["consent consent_missing"], A.Faults(Source, Body.Replace("""["yes-1"]""", "[]", StringComparison.Ordinal)));

    [Fact]
    public void An_option_of_a_single_choice_fills_a_field()
    {
        var source = Source with { Map = new Dictionary<string, string> { ["lead.urgency"] = "Interest" } };

        Assert.Equal("high", A.Event(source, Body.Replace("\"Sales\"", "\"high\"", StringComparison.Ordinal)).Value.LeadContext?.Urgency);
        Assert.Equal(["data.fields.4.value urgency_unknown"], A.Faults(source, Body));
    }

    [Fact]
    public void Another_type_is_not_taken_and_none_is_a_fault()
    {
        Assert.IsType<Normalized.Ignored>(A.Normalized(Source, A.With(Body, "eventType", "FORM_VIEW")));
        Assert.Equal(["eventType missing"], A.Faults(Source, "{}"));
        Assert.Equal(
            ["data.responseId missing", "createdAt missing", "contact.email email_missing", "consent consent_missing"],
            A.Faults(Source, """{"eventType":"FORM_RESPONSE"}"""));
        Assert.Equal(
            ["data.fields wrong_kind", "contact.email email_missing", "consent consent_missing"], A.Faults(Source, A.With(Body, "data.fields", new JsonObject())));
    }

    [Fact]
    public void The_delivery_is_the_event_id() =>
        Assert.Equal("6f0c1f4e-0000-4000-8000-0000000000a1", TypeformTests.DeliveryIdOf("tally", Body));
}
