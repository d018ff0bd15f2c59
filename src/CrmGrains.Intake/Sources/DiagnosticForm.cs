using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// The diagnostic intake form: <c>submission_id</c>, <c>submitted_at</c>, <c>correlation_id</c>, and what was answered in <c>fields</c>.
/// </summary>
internal sealed class DiagnosticForm : Normalizer
{
    public const string Format = "diagnostic_form";

    private const string DefaultKey = "lead:{source}:{source_record_id}:{email}";

    private protected override Normalized Read(
        PayloadReader payload, RawDelivery delivery, SourceConfiguration source, WorkspaceConfiguration workspace)
    {
        var facts = new FactReader(payload);
        var eventType = source.EventType ?? EventType.LeadSubmitted;
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
            BudgetRange = facts.BudgetRange("fields.budget", workspace.Leads.BudgetRanges),
            Urgency = facts.Urgency("fields.urgency", workspace.Leads.Urgencies),
            PainSummary = payload.Lines("fields.pain", FactReader.MaxPainLength),
            DetectedStack = payload.Names("fields.stack"),
        };
        var consent = facts.Consent("fields.consent", workspace.Leads.RequireConsent);
        var attribution = facts.Attribution(name => payload.Find($"fields.{name}") is null ? name : $"fields.{name}");

        var key = IdempotencyKey.Of(source, DefaultKey, eventType, submissionId, email, payload);
        if (payload.Faults.Count > 0 || submissionId is null || submittedAt is not { } occurredAt || key is null)
            return new Normalized.Rejected(facts.Validation);

        return new Normalized.Event(
            new ContractEvent
            {
                EventId = delivery.EventId,
                Workspace = workspace.Name,
                SourceSystem = source.System,
                SourceRecordId = submissionId,
                EventType = eventType,
                OccurredAt = occurredAt,
                ReceivedAt = delivery.ReceivedAt,
                CorrelationId = correlationId ?? delivery.EventId.ToString(),
                IdempotencyKey = key,
                SourceRank = source.Rank,
                Contact = contact,
                Company = company,
                LeadContext = lead,
                ConsentToContact = consent,
                Attribution = attribution,
            },
            facts.Validation);
    }
}
