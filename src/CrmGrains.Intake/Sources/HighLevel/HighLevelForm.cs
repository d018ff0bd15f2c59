using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources.HighLevel;

/// <summary>
/// What a workflow of HighLevel sends after a form: the contact, flat, and the answers that the workflow adds in <c>customData</c>. It has no
/// id of its own, so the contact and what was answered name it.
/// </summary>
internal static class HighLevelForm
{
    private const string Answers = "customData";

    public static Normalized Read(Reading reading)
    {
        var (payload, facts, leads) = (reading.Payload, reading.Facts, reading.Workspace.Leads);
        string PathOf(string field) => reading.Source.Map.GetValueOrDefault(field) ?? $"{Answers}.{field[(field.IndexOf('.', StringComparison.Ordinal) + 1)..]}";

        var id = payload.Required("contact_id", payload.Line("contact_id", FactReader.MaxIdLength));
        var email = facts.Email("email", isRequired: true);
        var contact = new ContactFacts
        {
            Email = email,
            Phone = OnRecord.Phone(reading, "phone"),
            FullName = OnRecord.Name(payload, "full_name", "first_name", "last_name"),
            ExternalIds = OnRecord.Ids("highlevel", id),
        };
        var lead = new LeadFacts
        {
            BudgetRange = facts.BudgetRange(PathOf("lead.budget_range"), leads.BudgetRanges),
            Urgency = facts.Urgency(PathOf("lead.urgency"), leads.Urgencies),
            PainSummary = payload.Lines(PathOf("lead.pain_summary"), FactReader.MaxPainLength),
            DetectedStack = payload.Names(PathOf("lead.detected_stack")),
        };
        var answers = payload.Find(Answers) is { ValueKind: JsonValueKind.Object } given ? given : (JsonElement?)null;
        var form = payload.Line("workflow.id", FactReader.MaxIdLength);
        var location = payload.Line("location.id", FactReader.MaxIdLength);
        var key = $"highlevel:{KeyPart.Of(location)}:lead:{KeyPart.Of(form)}:{KeyPart.Of(id)}:{KeyPart.Hash(answers?.GetRawText() ?? "")}";
        return reading.Event(EventType.LeadSubmitted, id, reading.Delivery.ReceivedAt, key, new EventFacts
        {
            Contact = contact,
            Company = facts.Company("company_name", reading.Source.Map.GetValueOrDefault("company.domain") ?? $"{Answers}.website", email),
            Lead = lead,
            Consent = facts.Consent(PathOf("consent"), leads.RequireConsent),
            Attribution = facts.Attribution(name => reading.Source.Map.GetValueOrDefault($"attribution.{name}") ?? $"{Answers}.{name}"),
            Data = new EventData()
                .Add("form_id", form)
                .Add("form_name", OnRecord.Line(payload, "workflow.name"))
                .Add("answers", answers)
                .ToJson(),
        });
    }
}
