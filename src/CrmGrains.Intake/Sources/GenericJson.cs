using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// Any JSON, by the source's map. Where the map doesn't say otherwise, an event has the form that Standard Webhooks advises: <c>id</c>,
/// <c>type</c>, <c>timestamp</c> and <c>data</c>.
/// </summary>
internal sealed class GenericJson : SourceFormat
{
    private const string DefaultKey = "{source}:{event_type}:{source_record_id}";

    private static readonly DealFacts NoDeal = new();

    // What the map calls them: joined once, not for each event.
    private static readonly Dictionary<string, string> AttributionFields =
        FactReader.AttributionNames.ToDictionary(name => name, name => $"attribution.{name}", StringComparer.Ordinal);

    public override string Name => "json";

    public override string Scheme => HmacScheme.SchemeName;

    public override IReadOnlyList<string> EventTypes { get; } = [];

    public override FormatWords Words => FormatWords.EventType | FormatWords.EventTypes | FormatWords.Map;

    private protected override IEnumerable<Normalized> Read(Reading reading)
    {
        var (payload, facts, source, workspace) = (reading.Payload, reading.Facts, reading.Source, reading.Workspace);
        string? Path(string field) => source.Map.GetValueOrDefault(field);

        var eventType = ReadType(payload, source);
        var isLead = eventType == EventType.LeadSubmitted;
        var idPath = Path("source_record_id") ?? "id";
        var recordId = payload.Required(idPath, payload.Line(idPath, FactReader.MaxIdLength));
        // A source that never says when is taken to speak of now; one that is said to say so has to.
        var occurredAt = Path("occurred_at") is { } path
            ? payload.Required(path, payload.Happened(path, orEpoch: true))
            : payload.Happened("timestamp", orEpoch: true) ?? reading.Delivery.ReceivedAt;
        var correlationId = payload.Line(Path("correlation_id"), FactReader.MaxIdLength);

        var contact = ReadContact(eventType, payload, facts, source);
        var company = facts.Company(Path("company.name"), Path("company.domain"), isLead ? contact.Email : null);
        var consent = facts.Consent(Path("consent"), isLead && workspace.Leads.RequireConsent);
        var lead = isLead ? ReadLead(Path, payload, facts, workspace.Leads) : null;
        var deal = ReadDeal(Path, payload);
        var invoice = ReadInvoice(Path, payload);
        var attribution = facts.Attribution(name => Path(AttributionFields[name]));

        yield return reading.Event(eventType, recordId, occurredAt, DefaultKey, new EventFacts
        {
            CorrelationId = correlationId,
            Contact = contact,
            Company = company,
            Deal = deal,
            Lead = lead,
            Invoice = invoice,
            Consent = consent,
            Attribution = attribution,
            Data = payload.Find(Path("data") ?? "data")?.Clone(),
        });
    }

    private static string? ReadType(PayloadReader payload, SourceConfiguration source)
    {
        var path = source.Map.GetValueOrDefault("event_type") ?? "type";
        // A type that the source always has leaves no meaning to a field that happens to be called so.
        var isFixed = source.EventType is not null && !source.Map.ContainsKey("event_type");
        var name = (isFixed ? null : payload.Line(path, FactReader.MaxIdLength)) ?? source.EventType;
        if (name is null)
        {
            if (!payload.HasFault(path))
                payload.Add(path, "missing", "It is missing: send the event's type.");
            return null;
        }
        var type = source.EventTypes.GetValueOrDefault(name, name);
        if (EventType.IsKnown(type))
            return type;
        payload.Add(path, "event_type_unknown", "It is no type of the contract: map it to one in the source's event types.");
        return null;
    }

    private static ContactFacts ReadContact(string? eventType, PayloadReader payload, FactReader facts, SourceConfiguration source)
    {
        var emailPath = source.Map.GetValueOrDefault("contact.email");
        var contact = new ContactFacts
        {
            Email = facts.Email(emailPath, isRequired: eventType == EventType.LeadSubmitted),
            Phone = facts.Phone(source.Map.GetValueOrDefault("contact.phone")),
            FullName = payload.Line(source.Map.GetValueOrDefault("contact.full_name"), FactReader.MaxNameLength),
            ExternalIds = ReadExternalIds(payload, source),
        };
        if (contact is { Email: null, Phone: null, ExternalIds: null } && payload.Faults.Count == 0 && eventType is not null && !EventType.MayNameNobody(eventType))
            payload.Add(emailPath ?? "$", "contact_missing", "It names nobody: send an address, a phone or an external id.");
        return contact;
    }

    private static Dictionary<string, string>? ReadExternalIds(PayloadReader payload, SourceConfiguration source)
    {
        Dictionary<string, string>? ids = null;
        foreach (var (field, path) in source.Map)
        {
            if (field.StartsWith(SourceWords.ExternalIdPrefix, StringComparison.Ordinal)
                && payload.Line(path, FactReader.MaxIdLength) is { } id)
            {
                ids ??= [];
                ids[field[SourceWords.ExternalIdPrefix.Length..]] = id;
            }
        }
        return ids;
    }

    private static LeadFacts ReadLead(
        Func<string, string?> path, PayloadReader payload, FactReader facts, LeadRequirements requirements) => new()
    {
        BudgetRange = facts.BudgetRange(path("lead.budget_range"), requirements.BudgetRanges),
        Urgency = facts.Urgency(path("lead.urgency"), requirements.Urgencies),
        PainSummary = payload.Lines(path("lead.pain_summary"), FactReader.MaxPainLength),
        DetectedStack = payload.Names(path("lead.detected_stack")),
    };

    private static DealFacts? ReadDeal(Func<string, string?> path, PayloadReader payload)
    {
        var deal = new DealFacts
        {
            ExternalId = payload.Line(path("deal.external_id"), FactReader.MaxIdLength),
            Pipeline = payload.Line(path("deal.pipeline"), FactReader.MaxNameLength),
            Amount = payload.Amount(path("deal.amount")),
            Currency = payload.Currency(path("deal.currency")),
        };
        return deal == NoDeal ? null : deal;
    }

    private static InvoiceFacts? ReadInvoice(Func<string, string?> path, PayloadReader payload)
    {
        if (payload.Line(path("invoice.id"), FactReader.MaxIdLength) is not { } id)
            return null;
        var amountPath = path("invoice.amount");
        var currencyPath = path("invoice.currency");
        var amount = payload.Required(amountPath ?? "invoice.amount", payload.Amount(amountPath));
        var currency = payload.Required(currencyPath ?? "invoice.currency", payload.Currency(currencyPath));
        var invoice = new InvoiceFacts
        {
            Id = id,
            Number = payload.Line(path("invoice.number"), FactReader.MaxIdLength),
            Amount = amount ?? 0,
            Currency = currency ?? "",
            SubscriptionId = payload.Line(path("invoice.subscription_id"), FactReader.MaxIdLength),
            Attempts = payload.Count(path("invoice.attempts")),
            NextAttemptAt = payload.Instant(path("invoice.next_attempt_at"), orEpoch: true),
        };
        return amount is null || currency is null ? null : invoice;
    }
}
