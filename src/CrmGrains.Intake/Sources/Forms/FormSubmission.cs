using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources.Forms;

/// <summary>A form that was sent, whatever product it was made with: how its answers become an event, mostly a lead.</summary>
/// <param name="Id">What the form's product calls the submission; null where it has a fault.</param>
/// <param name="SubmittedAt">UTC; null where it has a fault.</param>
/// <param name="FormId">What the product calls the form.</param>
/// <param name="FormName">Its title.</param>
/// <param name="Answers">Without those that were left blank.</param>
internal sealed record FormSubmission(string? Id, DateTimeOffset? SubmittedAt, string? FormId, string? FormName, FormAnswers Answers)
{
    /// <summary>A submission is one event, however often and under whatever delivery it is told.</summary>
    public const string DefaultKey = "{source}:{event_type}:{source_record_id}";

    /// <summary>What of the configuration makes a difference.</summary>
    public const FormatWords Words = FormatWords.Map | FormatWords.EventType;

    /// <summary>The event that it is.</summary>
    public Normalized Read(Reading reading, string key = DefaultKey)
    {
        var (payload, facts, leads) = (reading.Payload, reading.Facts, reading.Workspace.Leads);
        var type = reading.Source.EventType ?? EventType.LeadSubmitted;
        var isLead = type == EventType.LeadSubmitted;
        var answers = Answers.ToJson();
        var fields = new FormFields(reading.Source.Map, Answers.All, answers, payload);

        var contact = ReadContact(isLead, reading, fields);
        var company = facts.Company(
            fields.Find("company.name", FieldLabels.Company), fields.Find("company.domain", FieldLabels.Website, AnswerKind.Website),
            isLead ? contact.Email : null);
        var lead = isLead ? ReadLead(reading, fields) : null;
        var consent = facts.Consent(fields.Consent("consent"), isLead && leads.RequireConsent);
        var attribution = facts.Attribution(fields.Attribution);
        using var data = new EventData();
        return reading.Event(type, Id, SubmittedAt, key, new EventFacts
        {
            CorrelationId = payload.Line(fields.Mapped("correlation_id"), FactReader.MaxIdLength),
            Contact = contact,
            Company = company,
            Lead = lead,
            Consent = consent,
            Attribution = attribution,
            Data = data.Add("form_id", FormId).Add("form_name", FormName).Add("answers", answers).ToJson(),
        });
    }

    private static ContactFacts ReadContact(bool isLead, Reading reading, FormFields fields)
    {
        var (payload, facts) = (reading.Payload, reading.Facts);
        var names = new[] { fields.Text(FieldLabels.FirstName), fields.Text(FieldLabels.LastName) };
        return new ContactFacts
        {
            Email = facts.Email(fields.Find("contact.email", FieldLabels.Email, AnswerKind.Email), isRequired: isLead),
            Phone = facts.Phone(fields.Find("contact.phone", FieldLabels.Phone, AnswerKind.Phone)),
            FullName = payload.Line(fields.Find("contact.full_name", FieldLabels.FullName), FactReader.MaxNameLength)
                ?? (names.OfType<string>().Any() ? string.Join(' ', names.OfType<string>()) : null),
            ExternalIds = ReadExternalIds(reading, fields),
        };
    }

    private static Dictionary<string, string>? ReadExternalIds(Reading reading, FormFields fields)
    {
        Dictionary<string, string>? ids = null;
        foreach (var field in reading.Source.Map.Keys.Where(field => field.StartsWith(SourceWords.ExternalIdPrefix, StringComparison.Ordinal)))
        {
            if (reading.Payload.Line(fields.Mapped(field), FactReader.MaxIdLength) is { } id)
                (ids ??= [])[field[SourceWords.ExternalIdPrefix.Length..]] = id;
        }

        return ids;
    }

    private static LeadFacts ReadLead(Reading reading, FormFields fields) => new()
    {
        BudgetRange = reading.Facts.BudgetRange(fields.Mapped("lead.budget_range"), reading.Workspace.Leads.BudgetRanges),
        Urgency = reading.Facts.Urgency(fields.Mapped("lead.urgency"), reading.Workspace.Leads.Urgencies),
        PainSummary = reading.Payload.Lines(fields.Find("lead.pain_summary", FieldLabels.Message), FactReader.MaxPainLength),
        DetectedStack = reading.Payload.Names(fields.Mapped("lead.detected_stack")),
    };
}
