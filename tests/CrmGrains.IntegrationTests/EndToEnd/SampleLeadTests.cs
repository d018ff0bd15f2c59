using System.Net;
using System.Text;
using System.Text.Json;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>The main job: one signed webhook becomes clean CRM state, with a trace.</summary>
public sealed class SampleLeadTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_sample_lead_sent_twenty_times_at_once_and_again_after_a_restart_is_carried_out_once()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.StartAsync();

        // The same delivery ten times, and ten of other ids that tell the same.
        var posts = Enumerable.Range(0, 20).Select(number => number < 10 ? A.Lead : A.Lead with { DeliveryId = $"msg_{number}" }).ToList();
        var receipts = await Task.WhenAll(posts.Select(installation.Sender.SendAsync));
        await installation.QuietAsync();
        Assert.Equal(11, receipts.DistinctBy(receipt => receipt.EventId).Count());
        Assert.Equal(9, receipts.Count(receipt => receipt.IsDuplicate));

        Assert.Equal(0, await installation.Process.StopAsync());
        await installation.ServeAsync();
        var again = await installation.Sender.SendAsync([.. posts, A.Lead with { DeliveryId = "msg_later" }]);
        await installation.QuietAsync();

        Assert.Equal(receipts.Select(receipt => receipt.EventId), again.Take(20).Select(receipt => receipt.EventId));
        var traces = await installation.Api.TracesAsync([.. again.Select(receipt => receipt.EventId).Distinct()]);
        var lead = Assert.Single(traces, trace => Text(trace, "status") == "completed");
        var repeats = traces.Where(trace => Text(trace, "status") != "completed").ToList();
        Assert.Equal(11, repeats.Count);
        Assert.All(repeats, trace => Assert.Equal(("duplicate", Text(lead, "event_id")), (Text(trace, "status"), Text(trace, "duplicate_of"))));

        var crm = await installation.Crm.ReadAsync();
        crm.HasNoDuplicates();
        var (contact, company, deal, note) = (
            Assert.Single(crm.Contacts), Assert.Single(crm.Companies), Assert.Single(crm.Deals), Assert.Single(crm.Notes));
        Assert.Equal(
            ("ops@example.com", "+15551234567", "Elena", "Moretti"), (contact["email"], contact["phone"], contact["firstname"], contact["lastname"]));
        Assert.Equal(("Example Operations", "example.com"), (company["name"], company["domain"]));
        Assert.Equal(("automation_audit", "audit_qualified", "9001"), (deal["pipeline"], deal["dealstage"], deal["hubspot_owner_id"]));
        Assert.Equal(
            [
                ("contact", contact.Id, "company", company.Id), ("deal", deal.Id, "company", company.Id), ("deal", deal.Id, "contact", contact.Id),
                ("note", note.Id, "company", company.Id), ("note", note.Id, "contact", contact.Id), ("note", note.Id, "deal", deal.Id),
            ],
            crm.Associations.Select(pair => (pair.FromType, pair.FromId, pair.ToType, pair.ToId)).Order());
        await Flood.VerifiesAsync(installation.Database);
    }

    [Fact]
    public async Task The_trace_shows_everything_from_the_bytes_to_the_crm()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();
        await installation.Crm.FailAsync(new { path = "contacts/batch/upsert", status = 500 });

        var receipt = await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();
        var trace = await installation.Api.TraceAsync(receipt.EventId);

        Assert.Equal(("completed", true), (Text(trace, "status"), trace.GetProperty("replay_eligible").GetBoolean()));
        var raw = trace.GetProperty("raw");
        Assert.Equal(Encoding.UTF8.GetString(A.Lead.Body), Text(raw, "body"));
        Assert.Equal(
            ("demo", "diagnostic", A.Lead.DeliveryId, "application/json"),
            (Text(raw, "workspace"), Text(raw, "source"), Text(raw, "delivery_id"), Text(raw, "content_type")));
        Assert.StartsWith("standard_webhooks", Text(raw, "verification"), StringComparison.Ordinal);
        Assert.Equal(A.Lead.DeliveryId, Text(raw.GetProperty("headers"), "webhook-id"));

        NormalizedIsAsAgreed(trace.GetProperty("normalized_event"));
        var validation = trace.GetProperty("validation");
        Assert.All(
            ["email_valid", "phone_valid", "domain_valid", "consent_valid", "budget_enum_valid", "routing_tier_valid"],
            name => Assert.True(validation.GetProperty(name).GetBoolean(), name));
        Assert.Equal("passed", Text(validation, "status"));
        Assert.Equal("new", Text(trace.GetProperty("match"), "by"));
        var routing = trace.GetProperty("routing");
        Assert.Equal(
            ("qualified", 89, "priority", "automation_audit", "operations_architect"),
            (Text(routing, "qualification_status"), routing.GetProperty("lead_score").GetInt32(), Text(routing, "routing_tier"),
                Text(routing, "target_pipeline"), Text(routing, "target_owner_role")));
        Assert.Equal(
            [
                "1 contact search_then_upsert True", "2 company search_then_upsert False", "3 deal search_then_create_or_update True",
                "4 association connect_contact_company_deal True", "5 note write_source_event_and_diagnostic_summary True",
            ],
            trace.GetProperty("plan").EnumerateArray().Select(step =>
                $"{step.GetProperty("order")} {Text(step, "object")} {Text(step, "operation")} {step.GetProperty("required").GetBoolean()}"));
        Assert.NotEmpty(trace.GetProperty("decision").GetProperty("conditions").EnumerateArray());

        await CommandsAreToldAsync(installation, trace);
    }

    [Fact]
    public async Task An_event_that_nobody_sent_is_a_404()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync("console");

        var reply = await installation.Api.GetAsync($"/v1/events/{Guid.CreateVersion7()}");

        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (reply.Status, reply.ContentType));
    }

    private static void NormalizedIsAsAgreed(JsonElement normalized)
    {
        Assert.Equal(
            ("lead.submitted", "diagnostic_intake_form", "diag_01HYW2K91A", "corr_crm_api_01HYW2K91A", "lead:diagnostics:diag_01HYW2K91A:ops@example.com"),
            (Text(normalized, "event_type"), Text(normalized, "source_system"), Text(normalized, "source_record_id"),
                Text(normalized, "correlation_id"), Text(normalized, "idempotency_key")));
        Assert.Equal(new DateTimeOffset(2026, 4, 26, 18, 11, 42, 903, TimeSpan.Zero), normalized.GetProperty("occurred_at").GetDateTimeOffset());
        var (contact, company, lead) = (normalized.GetProperty("contact"), normalized.GetProperty("company"), normalized.GetProperty("lead_context"));
        Assert.Equal(
            ("ops@example.com", "+15551234567", "Elena Moretti"), (Text(contact, "email"), Text(contact, "phone"), Text(contact, "full_name")));
        Assert.Equal(("Example Operations", "example.com"), (Text(company, "name"), Text(company, "domain")));
        Assert.Equal(("5000_15000", "high"), (Text(lead, "budget_range"), Text(lead, "urgency")));
        Assert.Equal(
            "HubSpot gets duplicate contacts from form submissions, and Make fails when multi-select arrays reach Airtable.", Text(lead, "pain_summary"));
        Assert.Equal(
            ["hubspot", "make", "airtable", "google_sheets"], lead.GetProperty("detected_stack").EnumerateArray().Select(tool => tool.GetString()));
        Assert.True(normalized.GetProperty("consent_to_contact").GetBoolean());
    }

    private static async Task CommandsAreToldAsync(Installation installation, JsonElement trace)
    {
        var commands = trace.GetProperty("commands").EnumerateArray().ToList();
        Assert.All(commands, command => Assert.Equal("succeeded", Text(command, "state")));
        Assert.Equal(
            ["association", "association", "association", "company", "contact", "deal", "note"],
            commands.Select(command => Text(command, "object")).Order(StringComparer.Ordinal));
        Assert.All(
            commands.SelectMany(command => command.GetProperty("attempts").EnumerateArray()).Where(call => Text(call, "outcome") == "succeeded"),
            call => Assert.NotEmpty(Text(call, "response") ?? ""));

        // The contact's first attempt was refused: both are there, with what HubSpot answered.
        var contact = commands.Single(command => Text(command, "object") == "contact");
        Assert.Equal(2, contact.GetProperty("attempt_count").GetInt32());
        Assert.Equal(1, trace.GetProperty("retries").GetInt32());
        var calls = contact.GetProperty("attempts").EnumerateArray().ToList();
        var refused = Assert.Single(calls, call => call.GetProperty("status").GetInt32() == 500);
        Assert.Equal((1, "POST"), (refused.GetProperty("attempt").GetInt32(), Text(refused, "method")));
        Assert.NotEmpty(Text(refused, "response") ?? "");
        Assert.Contains(calls, call => call.GetProperty("attempt").GetInt32() == 2 && call.GetProperty("status").GetInt32() == 200);

        var crm = await installation.Crm.ReadAsync();
        string? Known(string name) => Assert.Single(trace.GetProperty("crm_ids").GetProperty(name).EnumerateArray()).GetString();
        Assert.Equal(
            (crm.Contacts[0].Id, crm.Companies[0].Id, crm.Deals[0].Id, crm.Notes[0].Id), (Known("contact"), Known("company"), Known("deal"), Known("note")));
        Assert.Single(crm.NotesOf(trace.GetProperty("event_id").GetGuid()));
        Assert.NotEmpty(trace.GetProperty("ledger").EnumerateArray());
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
