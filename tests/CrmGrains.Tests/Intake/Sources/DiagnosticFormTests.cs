using System.Text.Json;
using System.Text.Json.Nodes;
using CrmGrains.Core.Json;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class DiagnosticFormTests
{
    [Fact]
    public void A_submission_becomes_a_lead_field_by_field()
    {
        var (lead, validation) = A.Event(A.DiagnosticSource, A.DiagnosticBody);

        Assert.Equal(A.EventId, lead.EventId);
        Assert.Equal("demo", lead.Workspace);
        Assert.Equal("lead.submitted", lead.EventType);
        Assert.Equal(2, lead.SchemaVersion);
        Assert.Equal("diagnostic_intake_form", lead.SourceSystem);
        Assert.Equal("diag_01HYW2K91A", lead.SourceRecordId);
        Assert.Equal(10, lead.SourceRank);
        Assert.Equal(new DateTimeOffset(2026, 4, 26, 18, 11, 42, 903, TimeSpan.Zero), lead.OccurredAt);
        Assert.Equal(TimeSpan.Zero, lead.OccurredAt.Offset);
        Assert.Equal(A.Received, lead.ReceivedAt);
        Assert.Equal("corr_crm_api_01HYW2K91A", lead.CorrelationId);
        Assert.Equal("lead:diagnostics:diag_01HYW2K91A:ops@example.com", lead.IdempotencyKey);
        Assert.Equal(("ops@example.com", "+15551234567", "Elena Moretti"), (lead.Contact.Email, lead.Contact.Phone, lead.Contact.FullName));
        Assert.Null(lead.Contact.ExternalIds);
        Assert.Equal(("Example Operations", "example.com"), (lead.Company?.Name, lead.Company?.Domain));
        Assert.Equal(("5000_15000", "high"), (lead.LeadContext?.BudgetRange, lead.LeadContext?.Urgency));
        Assert.Equal(
            "HubSpot gets duplicate contacts from form submissions, and Make fails when multi-select arrays reach Airtable.",
            lead.LeadContext?.PainSummary);
        Assert.Equal(["hubspot", "make", "airtable", "google_sheets"], lead.LeadContext?.DetectedStack ?? []);
        Assert.True(lead.ConsentToContact);
        Assert.Null(lead.Attribution);

        Assert.Equal("passed", validation.Status);
        Assert.Equal(
            (true, true, true, true, true),
            (validation.EmailValid, validation.PhoneValid, validation.DomainValid, validation.ConsentValid, validation.BudgetEnumValid));
        Assert.Null(validation.RoutingTierValid);
    }

    [Fact]
    public void The_same_delivery_gives_the_same_event() => Assert.Equal(Stored(), Stored());

    [Fact]
    public void Without_a_template_the_key_has_the_source_the_submission_and_the_address() => Assert.Equal(
        "lead:diagnostics:diag_01HYW2K91A:ops@example.com",
        A.Event(A.DiagnosticSource with { IdempotencyKey = null }, A.DiagnosticBody).Value.IdempotencyKey);

    [Fact]
    public void A_template_that_names_what_there_is_not_is_a_fault_rather_than_a_key_that_others_share() => Assert.Equal(
        ["$ idempotency_key_incomplete"],
        A.Faults(A.DiagnosticSource with { IdempotencyKey = "lead:{submission}" }, A.DiagnosticBody));

    [Fact]
    public void Without_a_correlation_id_it_is_the_event_id() =>
        Assert.Equal(A.EventId.ToString(), A.Event(A.DiagnosticSource, A.Without(A.DiagnosticBody, "correlation_id")).Value.CorrelationId);

    [Fact]
    public void What_is_optional_may_be_absent_null_or_blank()
    {
        foreach (var nothing in new JsonNode?[] { null, "", " \t" })
        {
            var body = A.DiagnosticBody;
            foreach (var name in new[] { "phone", "full_name", "company", "website", "budget", "urgency", "pain", "stack" })
                body = A.With(body, $"fields.{name}", nothing?.DeepClone());

            var (lead, validation) = A.Event(A.DiagnosticSource, body);

            Assert.Null(lead.Contact.Phone);
            Assert.Null(lead.Contact.FullName);
            Assert.Null(lead.LeadContext?.BudgetRange);
            Assert.Null(lead.LeadContext?.DetectedStack);
            Assert.Equal((null, "example.com"), (lead.Company?.Name, lead.Company?.Domain));
            Assert.Equal(((bool?)null, (bool?)null, (bool?)true), (validation.PhoneValid, validation.BudgetEnumValid, validation.DomainValid));
        }
    }

    [Fact]
    public void Every_fault_is_named_and_not_only_the_first()
    {
        const string body = """
            {"submission_id":" ","submitted_at":"yesterday","correlation_id":{},
             "fields":{"email":"ops","phone":"555","full_name":["x"],"website":"localhost","budget":"much","urgency":"now","stack":["a",{}],"consent":false}}
            """;

        Assert.Equal(
            [
                "submission_id missing", "submitted_at instant_invalid", "correlation_id not_text", "fields.email email_invalid",
                "fields.phone phone_invalid", "fields.full_name not_text", "fields.website website_invalid", "fields.budget budget_unknown",
                "fields.urgency urgency_unknown", "fields.stack.1 not_text", "fields.consent consent_missing",
            ],
            A.Faults(A.DiagnosticSource, body));
        var validation = A.Rejected(A.DiagnosticSource, body);
        Assert.Equal(
            (false, false, false, false, false),
            (validation.EmailValid, validation.PhoneValid, validation.DomainValid, validation.ConsentValid, validation.BudgetEnumValid));
    }

    [Fact]
    public void An_empty_object_names_all_that_is_needed() => Assert.Equal(
        ["submission_id missing", "submitted_at missing", "fields.email email_missing", "fields.consent consent_missing"],
        A.Faults(A.DiagnosticSource, "{}"));

    [Fact]
    public void No_fault_repeats_a_value()
    {
        var body = A.With(A.With(A.DiagnosticBody, "fields.email", "secret@@x"), "fields.budget", "secret");
        Assert.All(A.Rejected(A.DiagnosticSource, body).Faults, fault => Assert.DoesNotContain("secret", fault.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("fields.pain", 10_000)]
    [InlineData("fields.full_name", 200)]
    [InlineData("fields.company", 200)]
    [InlineData("submission_id", 200)]
    [InlineData("correlation_id", 200)]
    [InlineData("fields.utm_source", 500)]
    public void Text_has_a_bound(string path, int length)
    {
        A.Event(A.DiagnosticSource, A.With(A.DiagnosticBody, path, new string('x', length)));
        Assert.Equal([$"{path} too_long"], A.Faults(A.DiagnosticSource, A.With(A.DiagnosticBody, path, new string('x', length + 1))));
    }

    [Theory]
    [InlineData("2026-04-27T18:11:43Z", null)]
    [InlineData("2026-04-27T18:11:44Z", "submitted_at instant_in_future")]
    [InlineData("1999-12-31T23:59:59Z", "submitted_at instant_too_old")]
    [InlineData("", "submitted_at missing")]
    [InlineData("26.4.2026", "submitted_at instant_invalid")]
    [InlineData("1777227102", "submitted_at instant_invalid")]
    public void A_submission_is_of_a_time_that_can_be(string submittedAt, string? fault)
    {
        var body = A.With(A.DiagnosticBody, "submitted_at", submittedAt);
        if (fault is null)
            A.Event(A.DiagnosticSource, body);
        else
            Assert.Equal([fault], A.Faults(A.DiagnosticSource, body));
    }

    [Fact]
    public void The_company_is_known_by_the_site_then_by_the_address_and_never_by_a_free_mailbox()
    {
        var noSite = A.Without(A.DiagnosticBody, "fields.website");
        var free = A.With(noSite, "fields.email", "elena@gmail.com");

        Assert.Equal("example.com", A.Event(A.DiagnosticSource, noSite).Value.Company?.Domain);
        Assert.Equal((null, (bool?)null), (A.Event(A.DiagnosticSource, free).Value.Company?.Domain, A.Event(A.DiagnosticSource, free).Validation.DomainValid));
        Assert.Null(A.Event(A.DiagnosticSource, A.Without(free, "fields.company")).Value.Company);
        Assert.Equal(
            "other.example",
            A.Event(A.DiagnosticSource, A.With(free, "fields.website", "other.example")).Value.Company?.Domain);
        Assert.Equal(
            "example.com",
            A.Event(A.DiagnosticSource, A.With(A.DiagnosticBody, "fields.website", "https://facebook.com/example")).Value.Company?.Domain);
        Assert.Equal(
            "facebook.com",
            A.Event(A.DiagnosticSource, A.With(noSite, "fields.email", "someone@facebook.com")).Value.Company?.Domain);
    }

    [Theory]
    [InlineData("Google Sheets; make,, HubSpot ;make", new[] { "google_sheets", "make", "hubspot" })]
    [InlineData("hubspot", new[] { "hubspot" })]
    public void The_stack_may_come_as_one_text(string stack, string[] expected) =>
        Assert.Equal(expected, A.Event(A.DiagnosticSource, A.With(A.DiagnosticBody, "fields.stack", stack)).Value.LeadContext?.DetectedStack ?? []);

    [Fact]
    public void The_stack_has_a_bound()
    {
        var many = new JsonArray([.. Enumerable.Range(0, 51).Select(index => (JsonNode)$"t{index}")]);
        Assert.Equal(["fields.stack list_too_long"], A.Faults(A.DiagnosticSource, A.With(A.DiagnosticBody, "fields.stack", many)));
        Assert.Equal(
            ["fields.stack too_long"],
            A.Faults(A.DiagnosticSource, A.With(A.DiagnosticBody, "fields.stack", new string('x', 101))));
    }

    [Fact]
    public void Consent_is_needed_where_the_workspace_asks_for_it()
    {
        var relaxed = A.Workspace with { Leads = A.Workspace.Leads with { RequireConsent = false } };
        var none = A.Without(A.DiagnosticBody, "fields.consent");
        var refused = A.With(A.DiagnosticBody, "fields.consent", false);

        Assert.Equal(["fields.consent consent_missing"], A.Faults(A.DiagnosticSource, none));
        Assert.Equal(["fields.consent consent_missing"], A.Faults(A.DiagnosticSource, refused));
        Assert.Null(A.Event(A.DiagnosticSource, none, relaxed).Value.ConsentToContact);
        Assert.False(A.Event(A.DiagnosticSource, refused, relaxed).Value.ConsentToContact);
        Assert.True(A.Event(A.DiagnosticSource, A.With(A.DiagnosticBody, "fields.consent", "on")).Value.ConsentToContact);
        Assert.Equal(["fields.consent flag_invalid"], A.Faults(A.DiagnosticSource, A.With(A.DiagnosticBody, "fields.consent", "maybe")));
    }

    [Fact]
    public void A_workspace_without_lists_takes_any_budget_and_urgency()
    {
        var open = A.Workspace with { Leads = new() };
        var lead = A.Event(A.DiagnosticSource, A.With(A.With(A.DiagnosticBody, "fields.budget", 12000), "fields.urgency", "now"), open).Value.LeadContext;

        Assert.Equal(("12000", "now"), (lead?.BudgetRange, lead?.Urgency));
    }

    [Fact]
    public void Attribution_is_read_from_the_fields_or_beside_them()
    {
        var body = A.With(A.With(A.With(A.DiagnosticBody, "fields.utm_source", " news "), "utm_medium", "email"), "utm_source", "outer");
        var from = A.Event(A.DiagnosticSource, A.With(body, "landing_page", "https://example.com/?a=1")).Value.Attribution;

        Assert.Equal(("news", "email", "https://example.com/?a=1"), (from?.UtmSource, from?.UtmMedium, from?.LandingPage));
    }

    [Fact]
    public void Lines_are_one_line_and_paragraphs_keep_theirs()
    {
        var body = A.With(A.With(A.DiagnosticBody, "fields.full_name", " Elena\r\n \u0007 Moretti\t"), "fields.pain", " one\r\n\r\ntwo\u0007 ");
        var lead = A.Event(A.DiagnosticSource, body).Value;

        Assert.Equal(("Elena Moretti", "one\n\ntwo"), (lead.Contact.FullName, lead.LeadContext?.PainSummary));
    }

    [Fact]
    public void What_is_no_sound_object_is_rejected_with_its_fault()
    {
        Assert.Equal(["$ empty_body"], A.Faults(A.DiagnosticSource, ""));
        Assert.Equal(["$ not_an_object"], A.Faults(A.DiagnosticSource, "[]"));
        Assert.Equal(["fields.email duplicate_key"], A.Faults(A.DiagnosticSource, """{"fields":{"email":"a@b.co","email":"c@d.co"}}"""));
    }

    [Fact]
    public void The_type_may_be_configured() => Assert.Equal(
        "custom.diagnostic",
        A.Event(A.DiagnosticSource with { EventType = "custom.diagnostic" }, A.DiagnosticBody).Value.EventType);

    private static string Stored() => JsonSerializer.Serialize(A.Event(A.DiagnosticSource, A.DiagnosticBody).Value, CoreJson.Default.ContractEvent);
}
