using System.Text;
using System.Text.Json.Nodes;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Signatures;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class TypeformTests
{
    internal static readonly string Body = SampleBody.Of("typeform/lead");

    internal static readonly SourceConfiguration Source = A.DiagnosticSource with
    {
        Name = "quotes",
        Format = "typeform",
        System = "typeform",
        IdempotencyKey = null,
        Map = new Dictionary<string, string>
        {
            ["lead.budget_range"] = "budget", ["lead.detected_stack"] = "f3", ["lead.pain_summary"] = "What goes wrong today?",
            ["contact.external_ids.typeform"] = "form_response.token",
        },
    };

    [Fact]
    public void A_response_becomes_a_lead_by_its_map_its_types_and_its_labels()
    {
        var (lead, validation) = A.Event(Source, Body);

        Assert.Equal(("lead.submitted", "tok9demo00001", "typeform"), (lead.EventType, lead.SourceRecordId, lead.SourceSystem));
        Assert.Equal(new DateTimeOffset(2026, 4, 26, 18, 12, 41, TimeSpan.Zero), lead.OccurredAt);
        Assert.Equal(("ops@example.com", "+15551234567", "Elena Moretti"), (lead.Contact.Email, lead.Contact.Phone, lead.Contact.FullName));
        Assert.Equal("tok9demo00001", lead.Contact.ExternalIds?["typeform"]);
        Assert.Equal(("Example Operations", "example.com"), (lead.Company?.Name, lead.Company?.Domain));
        Assert.Equal("5000_15000", lead.LeadContext?.BudgetRange);
        Assert.Equal(["hubspot", "google_sheets"], lead.LeadContext?.DetectedStack ?? []);
        Assert.Equal("HubSpot gets duplicate contacts.\nMake fails on arrays.", lead.LeadContext?.PainSummary);
        Assert.Equal((true, "newsletter", "spring"), (lead.ConsentToContact, lead.Attribution?.UtmSource, lead.Attribution?.UtmCampaign));
        Assert.Equal("passed", validation.Status);
    }

    [Fact]
    public void Every_answer_is_kept_by_its_question()
    {
        var data = A.Event(Source, Body).Value.Data?.Clone() ?? default;

        Assert.Equal(("dEmo42", "Request an automation audit"), (data.GetProperty("form_id").GetString(), data.GetProperty("form_name").GetString()));
        var answers = data.GetProperty("answers");
        Assert.Equal(
            ["first_name", "last_name", "phone", "email", "company", "budget", "tools", "pain", "brief", "consent", "utm_source", "utm_campaign"],
            answers.EnumerateObject().Select(answer => answer.Name));
        Assert.Equal(["HubSpot", "Google Sheets"], answers.GetProperty("tools").EnumerateArray().Select(tool => tool.GetString()));
        Assert.Equal("https://api.typeform.test/responses/files/demo/brief.pdf", answers.GetProperty("brief").GetString());
        Assert.Equal("true", answers.GetProperty("consent").GetString());
    }

    [Fact]
    public void A_response_under_another_delivery_is_the_same_lead_and_another_response_is_not()
    {
        var key = A.Event(Source, Body).Value.IdempotencyKey;

        Assert.Equal("quotes:lead.submitted:tok9demo00001", key);
        Assert.Equal(key, A.Event(Source, A.With(Body, "event_id", "other")).Value.IdempotencyKey);
        Assert.NotEqual(key, A.Event(Source, A.With(Body, "form_response.token", "tok2")).Value.IdempotencyKey);
    }

    [Fact]
    public void What_was_written_instead_of_chosen_is_the_answer()
    {
        var body = A.With(Body, "form_response.answers", JsonNode.Parse("""
            [{"type":"email","email":"ops@example.com","field":{"id":"f1d","ref":"email"}},{"type":"boolean","boolean":true,"field":{"ref":"consent"}},
             {"type":"choice","choice":{"other":"A lot"},"field":{"id":"f9"}}]
            """));

        Assert.Equal("A lot", A.Event(Source, body).Value.Data?.GetProperty("answers").GetProperty("f9").GetString());
    }

    [Fact]
    public void Two_questions_of_one_name_are_both_kept()
    {
        var body = A.With(Body, "form_response.answers", JsonNode.Parse("""
            [{"type":"email","email":"ops@example.com","field":{"ref":"x"}},{"type":"text","text":"second","field":{"ref":"x"}},
             {"type":"boolean","boolean":true,"field":{"ref":"consent"}}]
            """));

        var answers = A.Event(Source, body).Value.Data?.GetProperty("answers") ?? default;
        Assert.Equal(("ops@example.com", "second"), (answers.GetProperty("x").GetString(), answers.GetProperty("x (2)").GetString()));
    }

    [Fact]
    public void A_response_that_is_not_finished_is_no_lead()
    {
        Assert.IsType<Normalized.Ignored>(A.Normalized(Source, A.With(Body, "event_type", "form_response_partial")));
        Assert.IsType<Normalized.Ignored>(A.Normalized(Source, A.With(Body, "event_type", "form_viewed")));
    }

    [Fact]
    public void A_form_may_be_of_another_type_and_needs_no_address_then()
    {
        var survey = A.Event(
            Source with { EventType = "custom.survey" }, A.With(Body, "form_response.answers", JsonNode.Parse("""[{"type":"number","number":9,"field":{"ref":"score"}}]"""))).Value;

        Assert.Equal(("custom.survey", null), (survey.EventType, survey.LeadContext));
        Assert.Equal("9", survey.Data?.GetProperty("answers").GetProperty("score").GetString());
    }

    [Fact]
    public void Every_fault_is_named_where_it_stands()
    {
        Assert.Equal(["event_type missing"], A.Faults(Source, "{}"));
        Assert.Equal(
            [
                "form_response.token missing", "form_response.submitted_at missing", "contact.email email_missing", "consent consent_missing",
            ],
            A.Faults(Source, """{"event_type":"form_response"}"""));
        Assert.Equal(
            ["form_response.answers.3.email email_invalid", "form_response.answers.2.phone_number phone_invalid", "form_response.answers.5.choice.label budget_unknown"],
            A.Faults(Source, Body
                .Replace("Ops@Example.com", "ops", StringComparison.Ordinal).Replace("+15551234567", "12", StringComparison.Ordinal)
                .Replace("""r2","label":"5000_15000""", """r2","label":"a lot""", StringComparison.Ordinal)));
        Assert.Equal(
            ["form_response.answers wrong_kind", "contact.email email_missing", "consent consent_missing"],
            A.Faults(Source, A.With(Body, "form_response.answers", "none")));
    }

    [Fact]
    public void Answers_have_bounds_in_number_and_length()
    {
        var many = new JsonArray([.. Enumerable.Range(0, 301).Select(JsonNode (i) => new JsonObject
        {
            ["type"] = "text", ["text"] = "x", ["field"] = new JsonObject { ["ref"] = $"q{i}" },
        })]);
        Assert.Contains("$ too_many_answers", A.Faults(Source, A.With(Body, "form_response.answers", many)));
        Assert.Contains(
            "form_response.answers.7.text too_long",
            A.Faults(Source, Body.Replace("HubSpot gets", new string('x', 10_001), StringComparison.Ordinal)));
    }

    [Fact]
    public void The_delivery_is_the_event_id() =>
        Assert.Equal("01KQ5DEMOTF0001LEAD00000A", DeliveryIdOf("typeform", Body));

    internal static string? DeliveryIdOf(string format, string body) =>
        SourceFormats.For(format).DeliveryId(new SignedRequest(Encoding.UTF8.GetBytes(body), _ => []));
}
