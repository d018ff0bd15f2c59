using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// The diagnostic intake form: <c>submission_id</c>, <c>submitted_at</c>, <c>correlation_id</c>, and what was answered in <c>fields</c>.
/// </summary>
internal sealed class DiagnosticForm : SourceFormat
{
    private const string DefaultKey = "lead:{source}:{source_record_id}:{email}";

    public override string Name => "diagnostic_form";

    public override string Scheme => StandardWebhooksScheme.SchemeName;

    public override IReadOnlyList<string> EventTypes { get; } = [EventType.LeadSubmitted];

    public override FormatWords Words => FormatWords.EventType;

    private protected override IEnumerable<Normalized> Read(Reading reading)
    {
        var (payload, facts, leads) = (reading.Payload, reading.Facts, reading.Workspace.Leads);
        var submissionId = payload.Required("submission_id", payload.Line("submission_id", FactReader.MaxIdLength));
        var submittedAt = payload.Required("submitted_at", payload.Happened("submitted_at", orEpoch: false));
        var correlationId = payload.Line("correlation_id", FactReader.MaxIdLength);

        var email = facts.Email("fields.email", isRequired: true);
        var contact = new ContactFacts
        {
            Email = email,
            Phone = facts.Phone("fields.phone"),
            FullName = payload.Line("fields.full_name", FactReader.MaxNameLength),
        };
        var company = facts.Company("fields.company", "fields.website", email);
        var lead = new LeadFacts
        {
            BudgetRange = facts.BudgetRange("fields.budget", leads.BudgetRanges),
            Urgency = facts.Urgency("fields.urgency", leads.Urgencies),
            PainSummary = payload.Lines("fields.pain", FactReader.MaxPainLength),
            DetectedStack = payload.Names("fields.stack"),
        };
        var consent = facts.Consent("fields.consent", leads.RequireConsent);
        var attribution = facts.Attribution(name => payload.Find($"fields.{name}") is null ? name : $"fields.{name}");
        yield return reading.Event(reading.Source.EventType ?? EventType.LeadSubmitted, submissionId, submittedAt, DefaultKey, new EventFacts
        {
            CorrelationId = correlationId,
            Contact = contact,
            Company = company,
            Lead = lead,
            Consent = consent,
            Attribution = attribution,
        });
    }
}
