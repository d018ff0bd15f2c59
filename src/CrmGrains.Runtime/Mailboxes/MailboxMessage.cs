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

    /// <summary>The normalized event, for <c>event_received</c>; JSON in UTF-8.</summary>
    public byte[]? Event { get; init; }
}

/// <summary>A message on its way into a mailbox.</summary>
public readonly record struct OutgoingMessage(int Partition, string Workspace, string Grain, string Kind, Guid? EventId, byte[] Body);
