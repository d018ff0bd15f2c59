namespace CrmGrains.Checker;

/// <summary>One attempt to deliver something, as its sender saw it. A retry is an attempt of its own under the same delivery id.</summary>
public sealed record SentDelivery
{
    /// <summary>The business.</summary>
    public required string Workspace { get; init; }

    /// <summary>The source within it.</summary>
    public required string Source { get; init; }

    /// <summary>What the sender calls the delivery; null where the gateway derives one.</summary>
    public string? DeliveryId { get; init; }

    /// <summary>
    /// What the sender calls the fact that it tells of. Deliveries of one fact are repeats of one another, whatever their ids; deliveries
    /// of different facts never are. Null where the sender doesn't say.
    /// </summary>
    public string? Fact { get; init; }

    /// <summary>When its first byte was about to be sent, on the run's monotonic clock.</summary>
    public required TimeSpan SentAt { get; init; }

    /// <summary>When its answer had come; null where none came.</summary>
    public TimeSpan? AnsweredAt { get; init; }

    /// <summary>The HTTP status; null where no answer came.</summary>
    public int? Status { get; init; }

    /// <summary>The event id answered.</summary>
    public Guid? EventId { get; init; }

    /// <summary>Whether the answer was the promise that it won't be lost.</summary>
    public bool IsAcknowledged => Status == 202;
}
