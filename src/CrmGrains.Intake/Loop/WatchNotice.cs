using System.Text.Json;
using System.Text.Json.Serialization;
using CrmGrains.Core.Grains;
using CrmGrains.Runtime.Mailboxes;

namespace CrmGrains.Intake.Loop;

/// <summary>
/// What the sentinels of drift and silence tell a source's queue: it opens or closes a review, and is a ledger entry, in one turn. So both
/// happen once, and after a crash too.
/// </summary>
internal sealed record WatchNotice
{
    /// <summary>The message's kind.</summary>
    public const string Kind = "watch_reported";

    /// <summary>One word for the ledger: <c>drift_found</c>, <c>drift_settled</c>, <c>source_silent</c> or <c>source_heard</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>The review's key.</summary>
    public required string Key { get; init; }

    /// <summary>The reason of a review that is opened.</summary>
    public string? Reason { get; init; }

    /// <summary>What happened and what to do.</summary>
    public string? Summary { get; init; }

    /// <summary>How a review that is closed ended; null: it is opened.</summary>
    public string? Resolution { get; init; }

    public static WatchNotice? Read(MailboxMessage message) =>
        message.Kind == Kind ? JsonSerializer.Deserialize(message.Body, WatchJson.Default.WatchNotice) : null;

    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, WatchJson.Default.WatchNotice);

    /// <summary>What the queue's turn asks for.</summary>
    public Effect ToEffect() => Resolution is { } resolution
        ? new Effect.CloseReview(Key, resolution)
        : new Effect.OpenReview(Key, Reason ?? Outcome, Summary ?? "");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WatchNotice))]
internal sealed partial class WatchJson : JsonSerializerContext;
