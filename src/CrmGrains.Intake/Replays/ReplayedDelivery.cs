using System.Text.Json;
using CrmGrains.Runtime.Mailboxes;

namespace CrmGrains.Intake.Replays;

/// <summary>The message with which a replay sends a delivery through its queue once more.</summary>
/// <param name="Replay">Which replay.</param>
internal sealed record ReplayedDelivery(long Replay)
{
    /// <summary>The name under which it is stored.</summary>
    public const string Kind = "delivery_replayed";

    /// <summary>The replay that a message belongs to; null where it came by itself.</summary>
    public static long? Of(MailboxMessage message) => message.Kind == Kind
        ? JsonSerializer.Deserialize(message.Body, IntakeJson.Default.ReplayedDelivery)?.Replay
        : null;
}
