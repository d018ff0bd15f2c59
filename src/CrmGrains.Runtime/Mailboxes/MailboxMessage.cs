using CrmGrains.Core.Grains;

namespace CrmGrains.Runtime.Mailboxes;

/// <summary>A message that was taken out of a mailbox and isn't handled yet.</summary>
public sealed record MailboxMessage
{
    /// <summary>Its place in the order of its mailbox; 0 for a timer, which has none.</summary>
    public required long Id { get; init; }

    /// <summary>The mailbox.</summary>
    public required int Partition { get; init; }

    /// <summary>The business.</summary>
    public required string Workspace { get; init; }

    /// <summary><c>workspace/kind/key</c>; empty in an intake queue.</summary>
    public required string Grain { get; init; }

    /// <summary>The message's name, for example <c>event_received</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The timer that it is; null for one that was sent.</summary>
    public string? Timer { get; init; }

    /// <summary>The event at the beginning of the chain that led here.</summary>
    public Guid? EventId { get; init; }

    /// <summary>JSON in UTF-8.</summary>
    public required byte[] Body { get; init; }

    /// <summary>The normalized event, for <c>event_received</c>: JSON in UTF-8; for a delivery its body as it came.</summary>
    public byte[]? Event { get; init; }

    /// <summary>UTC, by the database's clock; when the delivery was stored. Null for anything else.</summary>
    public DateTimeOffset? ReceivedAt { get; init; }

    /// <summary>The source whose delivery it is.</summary>
    public string? Source { get; init; }

    /// <summary>What <see cref="Body"/> and <see cref="Event"/> say, where it was sent within this batch and needn't be read.</summary>
    public Message? Parsed { get; init; }

    /// <summary>What was sent within the batch, for the turn that handles it there.</summary>
    internal static MailboxMessage Forwarded(OutgoingMessage sent) => new()
    {
        Id = sent.Forward?.Id ?? 0,
        Partition = sent.Partition,
        Workspace = sent.Workspace,
        Grain = sent.Grain,
        Kind = sent.Kind,
        EventId = sent.EventId,
        Body = sent.Body,
        Parsed = sent.Forward?.Parsed,
    };
}

/// <summary>A message on its way into a mailbox.</summary>
/// <param name="Partition">The mailbox.</param>
/// <param name="Workspace">The business.</param>
/// <param name="Grain">To whom.</param>
/// <param name="Kind">The message's name.</param>
/// <param name="EventId">The event at the beginning of the chain.</param>
/// <param name="Body">JSON in UTF-8.</param>
/// <param name="Forward">
/// Where it carries on what another message of the batch said, and nothing else does: that one's id, and what it says. Handled in the same
/// transaction it needs no row of its own; and its event was stored in this transaction, so nothing was asked for in its name before.
/// </param>
public readonly record struct OutgoingMessage(
    int Partition, string Workspace, string Grain, string Kind, Guid? EventId, byte[] Body, (long Id, Message Parsed)? Forward = null);
