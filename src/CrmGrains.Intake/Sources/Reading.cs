using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources;

/// <summary>The reading of one event out of a delivery: its values, the facts that events have in common, and what is wrong with it.</summary>
/// <param name="root">The part of the payload that tells of the event; valid while its document is.</param>
internal sealed class Reading(JsonElement root, RawDelivery delivery, SourceConfiguration source, WorkspaceConfiguration workspace)
{
    private FactReader? _facts;

    /// <summary>What stands in the payload. Its paths begin at the event.</summary>
    public PayloadReader Payload { get; } = new(root, delivery.ReceivedAt)
    {
        DefaultCountry = workspace.DefaultCountry,
        Notes = delivery.Notes,
    };

    /// <summary>The facts that events have in common.</summary>
    public FactReader Facts => _facts ??= new FactReader(Payload);

    /// <summary>Where the reading begins.</summary>
    public JsonElement Root => root;

    /// <summary>Whether the delivery tells of more than this event.</summary>
    public bool IsPart { get; private init; }

    /// <summary>The delivery, with its headers where the format asks for them.</summary>
    public RawDelivery Delivery => delivery;

    /// <summary>The source's configuration.</summary>
    public SourceConfiguration Source => source;

    /// <summary>The business.</summary>
    public WorkspaceConfiguration Workspace => workspace;

    /// <summary>The reading of one event among several of the delivery.</summary>
    public Reading Of(JsonElement part) => new(part, delivery, source, workspace) { IsPart = true };

    /// <summary>The same reading where the event is of a type that the configuration names for it.</summary>
    public Reading As(string eventType) => new(root, delivery, source with { EventType = eventType }, workspace);

    /// <summary>An event, or every fault that was found up to now.</summary>
    /// <param name="type">One of the contract's; null where it has a fault.</param>
    /// <param name="recordId">What the source calls the record; null where it has a fault.</param>
    /// <param name="occurredAt">UTC; null where it has a fault.</param>
    /// <param name="defaultKey">The template of the event's key, where the configuration has none; see <see cref="IdempotencyKey"/>.</param>
    /// <param name="facts">The rest.</param>
    public Normalized Event(string? type, string? recordId, DateTimeOffset? occurredAt, string defaultKey, EventFacts facts)
    {
        var key = IdempotencyKey.Of(source, defaultKey, type, recordId, facts.Contact.Email, Payload);
        if (Payload.Faults.Count > 0 || type is null || recordId is null || occurredAt is not { } at || key is null)
            return new Normalized.Rejected(Facts.Validation);
        return new Normalized.Event(
            new ContractEvent
            {
                EventId = delivery.EventId,
                Workspace = workspace.Name,
                SourceSystem = source.System,
                SourceRecordId = recordId,
                EventType = type,
                OccurredAt = at,
                ReceivedAt = delivery.ReceivedAt,
                CorrelationId = facts.CorrelationId ?? delivery.EventId.ToString(),
                IdempotencyKey = key,
                SourceRank = source.Rank,
                Contact = facts.Contact,
                Company = facts.Company,
                Deal = facts.Deal,
                LeadContext = facts.Lead,
                Invoice = facts.Invoice,
                ConsentToContact = facts.Consent,
                Attribution = facts.Attribution,
                Data = facts.Data,
            },
            Facts.Validation);
    }
}

/// <summary>What an event says, besides what it is.</summary>
internal sealed record EventFacts
{
    public string? CorrelationId { get; init; }

    public ContactFacts Contact { get; init; } = new();

    public CompanyFacts? Company { get; init; }

    public DealFacts? Deal { get; init; }

    public LeadFacts? Lead { get; init; }

    public InvoiceFacts? Invoice { get; init; }

    public bool? Consent { get; init; }

    public AttributionFacts? Attribution { get; init; }

    /// <summary>The data of its type; a copy, as the payload's document ends with its reading.</summary>
    public JsonElement? Data { get; init; }
}
