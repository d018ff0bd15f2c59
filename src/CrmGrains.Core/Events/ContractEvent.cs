using System.Text.Json;
using CrmGrains.Core.Contract;

namespace CrmGrains.Core.Events;

/// <summary>
/// The one internal form of an event, whatever source it came from (DESIGN, section 3). Values are normalized: addresses are
/// lower-case, phones E.164, domains bare. Stored once, as JSON in snake_case; messages and ledger entries refer to it.
/// </summary>
public sealed record ContractEvent
{
    private readonly int? _schemaVersion;

    /// <summary>The id that the sender was answered with; a UUIDv7.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The business that the event belongs to.</summary>
    public required string Workspace { get; init; }

    /// <summary>The kind of system that it came from, for example <c>diagnostic_intake_form</c>.</summary>
    public required string SourceSystem { get; init; }

    /// <summary>What the source calls the record, for example a submission's id.</summary>
    public required string SourceRecordId { get; init; }

    /// <summary>One of <see cref="Events.EventType"/>.</summary>
    public required string EventType { get; init; }

    /// <summary>The version of the contract's schema for this type; the one that is written now, unless it is said.</summary>
    public int SchemaVersion
    {
        get => _schemaVersion ?? EventSchema.Find(EventType)?.Version ?? 1;
        init => _schemaVersion = value;
    }

    /// <summary>UTC; when it happened at the source.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>UTC, by the database's clock; when it was stored.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Ties together what belongs to one matter across systems; the event's own id where the source names none.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>Names the logical event: two deliveries with one key are one event.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>How often a replay has read the delivery anew with another result; null where none has.</summary>
    public int? Revision { get; init; }

    /// <summary>The rank of the source, for values that were said at the same instant.</summary>
    public int SourceRank { get; init; }

    /// <summary>Whom it is about.</summary>
    public ContactFacts Contact { get; init; } = new();

    /// <summary>The company it is about.</summary>
    public CompanyFacts? Company { get; init; }

    /// <summary>The deal it is about.</summary>
    public DealFacts? Deal { get; init; }

    /// <summary>What a lead said; only for <see cref="Events.EventType.LeadSubmitted"/>.</summary>
    public LeadFacts? LeadContext { get; init; }

    /// <summary>The invoice; only for invoices and payments.</summary>
    public InvoiceFacts? Invoice { get; init; }

    /// <summary>Whether the person agreed to be contacted; null where nobody asked.</summary>
    public bool? ConsentToContact { get; init; }

    /// <summary>Where the person came from.</summary>
    public AttributionFacts? Attribution { get; init; }

    /// <summary>What its type says beside the fields above; <see cref="EventSchemas"/> has the fields.</summary>
    public JsonElement? Data { get; init; }
}

/// <summary>A person as an event names them.</summary>
public sealed record ContactFacts
{
    /// <summary>Lower-case, trimmed.</summary>
    public string? Email { get; init; }

    /// <summary>Other addresses of the person, each lower-case and trimmed.</summary>
    public IReadOnlyList<string>? SecondaryEmails { get; init; }

    /// <summary>E.164.</summary>
    public string? Phone { get; init; }

    /// <summary>As the person wrote it, trimmed.</summary>
    public string? FullName { get; init; }

    /// <summary>The ids that systems have for the person, by system, for example <c>stripe: cus_123</c>.</summary>
    public IReadOnlyDictionary<string, string>? ExternalIds { get; init; }
}

/// <summary>A company as an event names it.</summary>
public sealed record CompanyFacts
{
    /// <summary>As it was written, trimmed.</summary>
    public string? Name { get; init; }

    /// <summary>Bare and lower-case: no scheme, no <c>www.</c>, no path.</summary>
    public string? Domain { get; init; }
}

/// <summary>A deal as an event names it.</summary>
public sealed record DealFacts
{
    /// <summary>What the source calls it.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The workspace's name of the pipeline.</summary>
    public string? Pipeline { get; init; }

    /// <summary>In units of <see cref="Currency"/>.</summary>
    public decimal? Amount { get; init; }

    /// <summary>ISO 4217, upper-case.</summary>
    public string? Currency { get; init; }
}

/// <summary>What a lead said about its need.</summary>
public sealed record LeadFacts
{
    /// <summary>One of the workspace's budget ranges.</summary>
    public string? BudgetRange { get; init; }

    /// <summary>One of the workspace's urgencies.</summary>
    public string? Urgency { get; init; }

    /// <summary>In the person's own words.</summary>
    public string? PainSummary { get; init; }

    /// <summary>The tools that the person uses, by internal name.</summary>
    public IReadOnlyList<string>? DetectedStack { get; init; }
}

/// <summary>An invoice as an event names it.</summary>
public sealed record InvoiceFacts
{
    /// <summary>What the source calls it.</summary>
    public required string Id { get; init; }

    /// <summary>The number that the customer sees.</summary>
    public string? Number { get; init; }

    /// <summary>In whole units of <see cref="Currency"/>, not in its minor unit.</summary>
    public required decimal Amount { get; init; }

    /// <summary>ISO 4217, upper-case.</summary>
    public required string Currency { get; init; }

    /// <summary>The subscription that it bills, where there is one.</summary>
    public string? SubscriptionId { get; init; }

    /// <summary>How often payment was tried.</summary>
    public int? Attempts { get; init; }

    /// <summary>UTC; when payment is tried next, null where it isn't.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }
}

/// <summary>Where a person came from.</summary>
public sealed record AttributionFacts
{
    /// <summary>Campaign source.</summary>
    public string? UtmSource { get; init; }

    /// <summary>Campaign medium.</summary>
    public string? UtmMedium { get; init; }

    /// <summary>Campaign name.</summary>
    public string? UtmCampaign { get; init; }

    /// <summary>Campaign term.</summary>
    public string? UtmTerm { get; init; }

    /// <summary>Campaign content.</summary>
    public string? UtmContent { get; init; }

    /// <summary>The page before.</summary>
    public string? Referrer { get; init; }

    /// <summary>The first page seen.</summary>
    public string? LandingPage { get; init; }
}
