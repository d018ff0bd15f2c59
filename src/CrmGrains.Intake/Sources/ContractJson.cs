using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using CrmGrains.Core.Contract;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// The contract's own events, for callers that can put JSON together, as Zapier, Make and n8n: <c>id</c>, <c>type</c>, <c>timestamp</c> and
/// <c>data</c>, as Standard Webhooks advises. <c>data</c> holds <c>contact</c>, <c>company</c>, <c>deal</c>, <c>lead_context</c>, <c>invoice</c>,
/// <c>consent_to_contact</c>, <c>attribution</c> and <c>correlation_id</c> by the contract's names, and the fields of the type beside them. One
/// event, or a list of up to 100. Verified by a key, or signed by Standard Webhooks. The caller's <c>id</c> names the event, or a header where one
/// event comes without it: the same id sent again is the same event.
/// </summary>
internal sealed class ContractJson : SourceFormat
{
    private const int MostEvents = 100;
    private const int MaxSystems = 50;
    private const string Contact = "data.contact";

    private static readonly string[] SharedFields =
        ["contact", "company", "deal", "lead_context", "invoice", "consent_to_contact", "attribution", "correlation_id"];

    public override string Name => "contract";

    public override bool HasDeliveryId => true;

    public override string Scheme => "api_key";

    public override IReadOnlyList<string> EventTypes { get; } =
    [
        EventType.LeadSubmitted, "payment.succeeded", EventType.PaymentFailed, EventType.InvoicePaid, "subscription.canceled", "booking.created",
        "booking.rescheduled", "booking.canceled", "call.ended", "meeting.transcript.completed", "email.received", "file.uploaded", "vendor.replied",
        "support.ticket.created", "support.issue.escalated", "complaint.received", "contract.signed", "automation.failed", CrmRecord.Changed,
        "inventory.changed", "custom.*",
    ];

    public override bool ReadsHeaders => true;

    public override string? DeliveryId(Signatures.SignedRequest request) =>
        Sources.DeliveryId.At(request.Body.Span, "id") ?? (request.Header("Idempotency-Key") is [{ Length: > 0 } id] ? id : null);

    private protected override bool TryParse(
        RawDelivery delivery, [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out Fault? fault) =>
        EventList.TryParse(delivery, out document, out fault);

    private protected override IEnumerable<Normalized> Read(Reading reading) =>
        reading.Root.ValueKind == JsonValueKind.Array && reading.Root.GetArrayLength() > MostEvents
            ? [new Normalized.Rejected(new Fault("$", "too_many_events", $"It tells of more than {MostEvents} events: send fewer at once."))]
            : EventList.Read(reading, ReadOne);

    private static Normalized ReadOne(Reading reading)
    {
        var (payload, facts, leads) = (reading.Payload, reading.Facts, reading.Workspace.Leads);
        var eventType = ReadType(payload);
        var id = payload.Required("id", payload.Line("id", FactReader.MaxIdLength) ?? HeaderId(reading));
        var occurredAt = payload.Happened("timestamp", orEpoch: true) ?? reading.Delivery.ReceivedAt;
        if (payload.Find("data") is { ValueKind: not JsonValueKind.Object })
            payload.Add("data", "not_an_object", "It is no object: send keys with values.");

        var isLead = eventType == EventType.LeadSubmitted;
        var contact = new ContactFacts
        {
            Email = facts.Email($"{Contact}.email", isRequired: isLead),
            Phone = facts.Phone($"{Contact}.phone"),
            FullName = payload.Line($"{Contact}.full_name", FactReader.MaxNameLength),
            ExternalIds = ReadIds(payload),
        };
        return reading.Event(eventType, id, occurredAt, "{source}:{event_type}:{source_record_id}", new EventFacts
        {
            CorrelationId = payload.Line("data.correlation_id", FactReader.MaxIdLength),
            Contact = contact,
            Company = facts.Company("data.company.name", "data.company.domain", isLead ? contact.Email : null),
            Deal = ReadDeal(payload),
            Lead = isLead ? ReadLead(payload, facts, leads) : null,
            Invoice = ReadInvoice(payload),
            Consent = facts.Consent("data.consent_to_contact", isLead && leads.RequireConsent),
            Attribution = facts.Attribution(name => $"data.attribution.{name}"),
            Data = DataOf(payload),
        });
    }

    // Of a list, it would be the id of each.
    private static string? HeaderId(Reading reading)
    {
        var headers = reading.Delivery.Headers;
        var id = headers.GetValueOrDefault("webhook-id") ?? headers.GetValueOrDefault("svix-id") ?? headers.GetValueOrDefault("idempotency-key");
        return !reading.IsPart && id is { Length: > 0 and <= FactReader.MaxIdLength } && !id.Any(char.IsControl) ? id : null;
    }

    private static string? ReadType(PayloadReader payload)
    {
        var type = payload.Required("type", payload.Line("type", FactReader.MaxIdLength));
        var newest = type is null ? 1 : EventSchema.Find(type)?.Version ?? 1;
        if (payload.Count("schema_version") is { } version && (version < 1 || version > newest))
        {
            payload.Add(
                "schema_version", "schema_version_unknown",
                string.Create(CultureInfo.InvariantCulture, $"There is no version {version} here: send one from 1 to {newest}."));
        }

        if (type is null || EventType.IsKnown(type))
            return type;
        payload.Add("type", "event_type_unknown", "It is no type of the contract: send one that it has, or custom. and a name.");
        return null;
    }

    private static Dictionary<string, string>? ReadIds(PayloadReader payload)
    {
        const string path = $"{Contact}.external_ids";
        if (payload.Find(path) is not { } given)
            return null;
        if (given.ValueKind != JsonValueKind.Object || given.GetPropertyCount() > MaxSystems)
        {
            payload.Add(path, "external_id_invalid", $"It is no object of at most {MaxSystems} systems: send each system's id of the person by its name.");
            return null;
        }

        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var system in given.EnumerateObject())
        {
            // A dot would be taken for a step of the path.
            if (system.Name is not { Length: > 0 and <= 100 } || system.Name.Contains('.', StringComparison.Ordinal) || system.Name.Any(char.IsControl))
                payload.Add(path, "external_id_invalid", "The name of a system is blank, too long or has a dot: send another one.");
            else if (payload.Line($"{path}.{system.Name}", FactReader.MaxIdLength) is { } id)
                ids[system.Name] = id;
        }
        return ids.Count > 0 ? ids : null;
    }

    private static LeadFacts ReadLead(PayloadReader payload, FactReader facts, Core.Configuration.LeadRequirements leads) => new()
    {
        BudgetRange = facts.BudgetRange("data.lead_context.budget_range", leads.BudgetRanges),
        Urgency = facts.Urgency("data.lead_context.urgency", leads.Urgencies),
        PainSummary = payload.Lines("data.lead_context.pain_summary", FactReader.MaxPainLength),
        DetectedStack = payload.Names("data.lead_context.detected_stack"),
    };

    private static DealFacts? ReadDeal(PayloadReader payload)
    {
        var deal = new DealFacts
        {
            ExternalId = payload.Line("data.deal.external_id", FactReader.MaxIdLength),
            Pipeline = payload.Line("data.deal.pipeline", FactReader.MaxNameLength),
            Amount = payload.Amount("data.deal.amount"),
            Currency = payload.Currency("data.deal.currency"),
        };
        return deal == new DealFacts() ? null : deal;
    }

    private static InvoiceFacts? ReadInvoice(PayloadReader payload)
    {
        if (payload.Find("data.invoice") is null)
            return null;
        var id = payload.Required("data.invoice.id", payload.Line("data.invoice.id", FactReader.MaxIdLength));
        var amount = payload.Required("data.invoice.amount", payload.Amount("data.invoice.amount"));
        var currency = payload.Required("data.invoice.currency", payload.Currency("data.invoice.currency"));
        var invoice = new InvoiceFacts
        {
            Id = id ?? "",
            Number = payload.Line("data.invoice.number", FactReader.MaxIdLength),
            Amount = amount ?? 0,
            Currency = currency ?? "",
            SubscriptionId = payload.Line("data.invoice.subscription_id", FactReader.MaxIdLength),
            Attempts = payload.Count("data.invoice.attempts"),
            NextAttemptAt = payload.Instant("data.invoice.next_attempt_at", orEpoch: true),
        };
        return id is null || amount is null || currency is null ? null : invoice;
    }

    // What all events may have stands in fields of its own.
    private static JsonElement? DataOf(PayloadReader payload)
    {
        if (payload.Find("data") is not { ValueKind: JsonValueKind.Object } data)
            return null;
        var own = new RecordFields();
        foreach (var field in data.EnumerateObject().Where(field => !SharedFields.Contains(field.Name, StringComparer.Ordinal)))
            own.Add(field.Name, field.Value);
        return own.ToJson();
    }
}
