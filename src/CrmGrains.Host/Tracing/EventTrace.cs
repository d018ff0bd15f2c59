using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrmGrains.Host.Tracing;

/// <summary>Everything that is known of one event, from its bytes to the CRM.</summary>
internal sealed record EventTrace
{
    public required Guid EventId { get; init; }

    /// <summary>One of <see cref="EventStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>The event that told the same before; only where the status is <c>duplicate</c>.</summary>
    public Guid? DuplicateOf { get; init; }

    /// <summary>Whether it may be sent through again without doing anything twice.</summary>
    public required bool ReplayEligible { get; init; }

    /// <summary>Attempts beyond the first, all commands together.</summary>
    public required int Retries { get; init; }

    public required RawDelivery Raw { get; init; }

    public JsonElement? NormalizedEvent { get; init; }

    /// <summary>How it was matched to its customer.</summary>
    public JsonElement? Match { get; init; }

    public JsonElement? Validation { get; init; }

    public JsonElement? Routing { get; init; }

    public JsonElement? Plan { get; init; }

    /// <summary>The decision of the customer's turn, with every condition and what it saw.</summary>
    public JsonElement? Decision { get; init; }

    /// <summary>The ledger entry that the decision is in; null where there is none yet.</summary>
    [JsonIgnore]
    public TracedEntry? DecidedBy { get; init; }

    /// <summary>What the CRM calls the records that the event touches, by object.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> CrmIds { get; init; }

    public required IReadOnlyList<TracedCommand> Commands { get; init; }

    public required IReadOnlyList<TracedReview> Reviews { get; init; }

    public required IReadOnlyList<TracedDeadLetter> DeadLetters { get; init; }

    public required IReadOnlyList<TracedEntry> Ledger { get; init; }
}

/// <summary>The ends, and the ways there, that an event can be at.</summary>
internal static class EventStatus
{
    public const string Received = "received";
    public const string InProgress = "in_progress";
    public const string InReview = "in_review";
    public const string Failed = "failed";
    public const string Duplicate = "duplicate";
    public const string Ignored = "ignored";
    public const string Completed = "completed";
}

internal sealed record RawDelivery
{
    public required string Workspace { get; init; }

    public required string Source { get; init; }

    public required string DeliveryId { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public string? ContentType { get; init; }

    public required JsonElement Headers { get; init; }

    public required string Verification { get; init; }

    /// <summary>The exact bytes as text, where they are valid UTF-8.</summary>
    public string? Body { get; init; }

    /// <summary>The exact bytes in base64, where they aren't.</summary>
    public string? BodyBase64 { get; init; }

    public required string BodySha256 { get; init; }

    /// <summary>When body and headers were removed, because they are kept so long only; null where they are still there.</summary>
    public DateTimeOffset? PurgedAt { get; init; }
}

internal sealed record TracedCommand
{
    public required string EffectKey { get; init; }

    public required string Object { get; init; }

    public required string Operation { get; init; }

    public required string State { get; init; }

    public string? BlockedOn { get; init; }

    public string? CrmId { get; init; }

    public string? Action { get; init; }

    public string? Error { get; init; }

    public string? ErrorDetail { get; init; }

    public required int AttemptCount { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public required JsonElement Wanted { get; init; }

    public required IReadOnlyList<TracedCall> Attempts { get; init; }

    [JsonIgnore]
    public long Id { get; init; }
}

internal sealed record TracedCall
{
    public required int Attempt { get; init; }

    public required string Method { get; init; }

    public required string Path { get; init; }

    public int? Status { get; init; }

    public required string Outcome { get; init; }

    public string? Request { get; init; }

    public string? Response { get; init; }

    public required DateTimeOffset BeganAt { get; init; }

    public required double TookMs { get; init; }

    public int? QuotaLeft { get; init; }
}

internal sealed record TracedReview(
    Guid Id, string Reason, string Summary, string Grain, DateTimeOffset OpenedAt, DateTimeOffset? ClosedAt, string? Resolution);

internal sealed record TracedDeadLetter(
    long Id, string Queue, string Kind, string Error, DateTimeOffset DiedAt, DateTimeOffset? EndedAt, string? Resolution);

internal sealed record TracedEntry
{
    public required int Partition { get; init; }

    public required long Position { get; init; }

    public required string Grain { get; init; }

    public required long Version { get; init; }

    public required string Kind { get; init; }

    public required string Outcome { get; init; }

    public required string Configuration { get; init; }

    public required DateTimeOffset BeganAt { get; init; }

    public required DateTimeOffset WrittenAt { get; init; }

    /// <summary>Null where it was erased.</summary>
    public JsonElement? Detail { get; init; }
}

/// <summary>The API's answers: JSON in snake_case, without nulls.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventTrace))]
internal sealed partial class TraceJson : JsonSerializerContext;
