namespace CrmGrains.Faults.Traffic;

/// <summary>One attempt to deliver something, as its sender saw it. A retry is an attempt of its own under the same delivery id.</summary>
internal sealed record SentDelivery
{
    public required string Workspace { get; init; }

    public required string Source { get; init; }

    public required string DeliveryId { get; init; }

    /// <summary>What the sender calls the fact that it tells of.</summary>
    public required string Fact { get; init; }

    /// <summary>When its first byte was about to be sent, on the run's monotonic clock.</summary>
    public required TimeSpan SentAt { get; init; }

    /// <summary>When its answer had come; null where none came.</summary>
    public TimeSpan? AnsweredAt { get; init; }

    /// <summary>The HTTP status; null where no answer came.</summary>
    public int? Status { get; init; }

    /// <summary>The event id answered.</summary>
    public Guid? EventId { get; init; }
}
