using CrmGrains.Core.Events;
using static CrmGrains.Core.Contract.FieldKind;

namespace CrmGrains.Core.Contract;

/// <summary>One of the fields that events of all types have, and how to read it from an event.</summary>
/// <param name="Group">The object that it is in, for example <c>contact</c>; empty: it is the event's own.</param>
/// <param name="Schema">Required ones of a group are needed where the group is there.</param>
public sealed record CommonField(string Group, FieldSchema Schema)
{
    private const int MaxIdLength = 200;
    private const int MaxNameLength = 200;
    private const int MaxUtmLength = 500;

    /// <summary>Its path from the event, for example <c>contact.email</c>.</summary>
    public string Path { get; } = Group.Length == 0 ? Schema.Name : $"{Group}.{Schema.Name}";

    /// <summary>Reads a text; null where the field is of another kind.</summary>
    internal Func<ContractEvent, string?>? ReadText { get; private init; }

    /// <summary>Reads a number of any kind.</summary>
    internal Func<ContractEvent, decimal?>? ReadNumber { get; private init; }

    /// <summary>Reads a list.</summary>
    internal Func<ContractEvent, IReadOnlyList<string>?>? ReadList { get; private init; }

    /// <summary>All of them, in the order in which they are stored.</summary>
    public static IReadOnlyList<CommonField> All { get; } =
    [
        Other("", "event_id", Line, "The id that the sender was answered with; a UUIDv7.", isRequired: true),
        Of("", "workspace", Line, "The business that the event belongs to.", e => e.Workspace, 40, isRequired: true),
        Of("", "source_system", Line, "The kind of system that it came from.", e => e.SourceSystem, 100, isRequired: true),
        Of("", "source_record_id", Line, "What the source calls the record.", e => e.SourceRecordId, MaxIdLength, isRequired: true),
        Of("", "event_type", Line, "The dotted type.", e => e.EventType, 100, isRequired: true),
        Other("", "schema_version", Count, "The version of the type's schema.", isRequired: true),
        Other("", "occurred_at", Instant, "When it happened at the source.", isRequired: true),
        Other("", "received_at", Instant, "When it was stored, by the database's clock.", isRequired: true),
        Of("", "correlation_id", Line, "Ties together what belongs to one matter across systems.", e => e.CorrelationId, MaxIdLength, isRequired: true),
        // An index holds it, whose entries PostgreSQL bounds at 2,704 bytes.
        Of("", "idempotency_key", Line, "Names the logical event: two deliveries with one key are one event.", e => e.IdempotencyKey, 850, isRequired: true),
        OfNumber("", "source_rank", Number, "Decides between values that were said at the same instant.", e => e.SourceRank),
        new("contact", new("email", Email, "The person's address, in lower case.") { MaxLength = 254, IsNormalized = true }) { ReadText = e => e.Contact.Email },
        Of("contact", "phone", Phone, "The person's number, in E.164.", e => e.Contact.Phone, 16),
        Of("contact", "full_name", Line, "The person's name as it was written.", e => e.Contact.FullName, MaxNameLength),
        Other("contact", "external_ids", FieldKind.Object, "The ids that systems have for the person, by system."),
        Of("company", "name", Line, "The company's name as it was written.", e => e.Company?.Name, MaxNameLength),
        Of("company", "domain", Line, "The company's domain: bare, lower-case, as in the DNS.", e => e.Company?.Domain, 253),
        Of("deal", "external_id", Line, "What the source calls the deal.", e => e.Deal?.ExternalId, MaxIdLength),
        Of("deal", "pipeline", Line, "The workspace's name of the pipeline.", e => e.Deal?.Pipeline, MaxNameLength),
        OfNumber("deal", "amount", Amount, "What the deal is worth.", e => e.Deal?.Amount),
        Of("deal", "currency", Currency, "The currency of the amount.", e => e.Deal?.Currency, 3),
        Of("lead_context", "budget_range", Line, "One of the workspace's budget ranges.", e => e.LeadContext?.BudgetRange, 100),
        Of("lead_context", "urgency", Line, "One of the workspace's urgencies.", e => e.LeadContext?.Urgency, 100),
        Of("lead_context", "pain_summary", Lines, "The need in the person's own words.", e => e.LeadContext?.PainSummary, 10_000),
        new("lead_context", new("detected_stack", Names, "The tools that the person uses, by internal name.") { MaxLength = 100 })
        {
            ReadList = e => e.LeadContext?.DetectedStack,
        },
        Of("invoice", "id", Line, "What the source calls the invoice.", e => e.Invoice is { } invoice ? invoice.Id ?? "" : null, MaxIdLength, isRequired: true),
        Of("invoice", "number", Line, "The number that the customer sees.", e => e.Invoice?.Number, MaxIdLength),
        OfNumber("invoice", "amount", Amount, "What is billed, in whole units of its currency.", e => e.Invoice?.Amount, isRequired: true),
        Of("invoice", "currency", Currency, "The currency of the amount.", e => e.Invoice is { } invoice ? invoice.Currency ?? "" : null, 3, isRequired: true),
        Of("invoice", "subscription_id", Line, "The subscription that it bills.", e => e.Invoice?.SubscriptionId, MaxIdLength),
        OfNumber("invoice", "attempts", Count, "How often payment was tried.", e => e.Invoice?.Attempts),
        Other("invoice", "next_attempt_at", Instant, "When payment is tried next."),
        Other("", "consent_to_contact", Flag, "Whether the person agreed to be contacted; left out where nobody asked."),
        Of("attribution", "utm_source", Line, "Campaign source.", e => e.Attribution?.UtmSource, MaxUtmLength),
        Of("attribution", "utm_medium", Line, "Campaign medium.", e => e.Attribution?.UtmMedium, MaxUtmLength),
        Of("attribution", "utm_campaign", Line, "Campaign name.", e => e.Attribution?.UtmCampaign, MaxUtmLength),
        Of("attribution", "utm_term", Line, "Campaign term.", e => e.Attribution?.UtmTerm, MaxUtmLength),
        Of("attribution", "utm_content", Line, "Campaign content.", e => e.Attribution?.UtmContent, MaxUtmLength),
        Of("attribution", "referrer", Line, "The page before.", e => e.Attribution?.Referrer, 4_000),
        Of("attribution", "landing_page", Line, "The first page seen.", e => e.Attribution?.LandingPage, 4_000),
    ];

    private static CommonField Of(
        string group, string name, FieldKind kind, string about, Func<ContractEvent, string?> text, int maxLength, bool isRequired = false) =>
        new(group, new(name, kind, about) { MaxLength = maxLength, IsRequired = isRequired }) { ReadText = text };

    private static CommonField OfNumber(
        string group, string name, FieldKind kind, string about, Func<ContractEvent, decimal?> number, bool isRequired = false) =>
        new(group, new(name, kind, about) { IsRequired = isRequired }) { ReadNumber = number };

    // Its type says all that there is to check.
    private static CommonField Other(string group, string name, FieldKind kind, string about, bool isRequired = false) =>
        new(group, new(name, kind, about) { IsRequired = isRequired });
}
