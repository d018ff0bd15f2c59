namespace CrmGrains.Checker;

/// <summary>
/// What a run left: what was sent and answered, what the database holds, what the CRM holds. Built in memory, or read by
/// <see cref="HistoryReader"/>. What a run has nothing of stays empty.
/// </summary>
public sealed record History : IDisposable
{
    /// <summary>Every attempt to deliver something, answered or not. Their times are of one monotonic clock.</summary>
    public IReadOnlyList<SentDelivery> Deliveries { get; init; } = [];

    /// <summary>Deliveries as they were stored.</summary>
    public IReadOnlyList<RawEvent> RawEvents { get; init; } = [];

    /// <summary>Logical events.</summary>
    public IReadOnlyList<LogicalEvent> Events { get; init; } = [];

    /// <summary>The ledger, in any order.</summary>
    public IReadOnlyList<LedgerEntry> Turns { get; init; } = [];

    /// <summary>The partitions with the heads of their chains.</summary>
    public IReadOnlyList<PartitionHead> Partitions { get; init; } = [];

    /// <summary>The grains' stored states.</summary>
    public IReadOnlyList<GrainState> States { get; init; } = [];

    /// <summary>Messages that are still in a mailbox or in an intake queue.</summary>
    public IReadOnlyList<MessageLeft> MessagesLeft { get; init; } = [];

    /// <summary>The outbox, with what was carried out.</summary>
    public IReadOnlyList<QueuedEffect> Commands { get; init; } = [];

    /// <summary>What the CRM calls the grains' records, as our own books say.</summary>
    public IReadOnlyList<CrmLink> Links { get; init; } = [];

    /// <summary>Messages and commands that were given up on.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters { get; init; } = [];

    /// <summary>What was put before a person.</summary>
    public IReadOnlyList<Review> Reviews { get; init; } = [];

    /// <summary>The text of every configuration that the ledger names, by hash.</summary>
    public IReadOnlyDictionary<string, ConfigurationText> Configurations { get; init; } = new Dictionary<string, ConfigurationText>();

    /// <summary>What the CRM itself says; null where nobody asked it.</summary>
    public CrmHistory? Crm { get; init; }

    /// <summary>Where the texts lie that are too many for memory.</summary>
    internal IDisposable? Texts { get; init; }

    /// <summary>Lets the texts go; a copy made by <c>with</c> shares them.</summary>
    public void Dispose() => Texts?.Dispose();
}
