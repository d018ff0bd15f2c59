namespace CrmGrains.Intake.Inbox;

/// <summary>A delivery that was verified and is to be kept exactly as it came.</summary>
public sealed record Delivery
{
    /// <summary>The event's id, should this be the first delivery of it; a UUIDv7.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The source's intake queue.</summary>
    public required int Partition { get; init; }

    /// <summary>The business.</summary>
    public required string Workspace { get; init; }

    /// <summary>What the sender calls the delivery; the same in every retry.</summary>
    public required string DeliveryId { get; init; }

    /// <summary>As the sender said.</summary>
    public string? ContentType { get; init; }

    /// <summary>The headers that matter; JSON in UTF-8.</summary>
    public required byte[] Headers { get; init; }

    /// <summary>How it was verified: the scheme and which of the secrets, never the secret.</summary>
    public required string Verification { get; init; }

    /// <summary>The exact bytes.</summary>
    public required byte[] Body { get; init; }

    /// <summary>SHA-256 of the body.</summary>
    public required byte[] BodyHash { get; init; }
}

/// <summary>What the sender is answered: its delivery is stored, and won't be lost.</summary>
/// <param name="EventId">The event; the first delivery's where this one is a repeat.</param>
/// <param name="IsDuplicate">Whether a delivery of that id was there before.</param>
public readonly record struct Receipt(Guid EventId, bool IsDuplicate);

/// <summary>The inbox can't take the delivery now; nothing was stored, or nobody knows.</summary>
/// <param name="message">For the log.</param>
/// <param name="isOverload">Whether there is just too much at once; otherwise the database is away.</param>
public sealed class InboxUnavailableException(string message, bool isOverload, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether there is just too much at once; otherwise the database is away.</summary>
    public bool IsOverload => isOverload;
}
