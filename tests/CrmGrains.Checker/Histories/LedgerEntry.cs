namespace CrmGrains.Checker;

/// <summary>A row of the ledger.</summary>
public sealed record LedgerEntry
{
    /// <summary>Whose chain it is in: 0 to 63 grains, from 1000 on an intake queue.</summary>
    public required int Partition { get; init; }

    /// <summary>Its place in the chain, from 1.</summary>
    public required long Position { get; init; }

    /// <summary>The business.</summary>
    public required string Workspace { get; init; }

    /// <summary><c>workspace/kind/key</c>; empty where there is none.</summary>
    public required string Grain { get; init; }

    /// <summary>The grain's version after the turn; 0 where no state was written.</summary>
    public required long Version { get; init; }

    /// <summary>The message that was handled; 0 for a timer.</summary>
    public required long MessageId { get; init; }

    /// <summary>The message's kind; see <see cref="EntryKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What was decided.</summary>
    public required string Outcome { get; init; }

    /// <summary>The event at the beginning of the chain that led here.</summary>
    public Guid? EventId { get; init; }

    /// <summary>The hash of the configuration in force; empty where there was none.</summary>
    public string Configuration { get; init; } = "";

    /// <summary>Who ran it.</summary>
    public Guid Silo { get; init; }

    /// <summary>When its batch had the partition, by the database's clock; with the silo it names the batch.</summary>
    public required DateTimeOffset BeganAt { get; init; }

    /// <summary>When the row was written, by the database's clock.</summary>
    public required DateTimeOffset WrittenAt { get; init; }

    /// <summary>Message, decision and effects; null where it was erased.</summary>
    public StoredText? Detail { get; init; }

    /// <summary>What the detail's hash is salted with; null where it was erased.</summary>
    public byte[]? Salt { get; init; }

    /// <summary>sha256(salt || detail)</summary>
    public byte[] DetailHash { get; init; } = [];

    /// <summary>Of the entry and the one before.</summary>
    public byte[] Hash { get; init; } = [];

    /// <summary>Where it is, for people.</summary>
    public string Place => $"{Partition}:{Position}";
}

/// <summary>The kinds and outcomes of ledger entries that laws speak of.</summary>
public static class EntryKind
{
    /// <summary>A delivery that ended in the intake.</summary>
    public const string DeliveryReceived = "delivery_received";

    /// <summary>A turn of the customer whom an event is about.</summary>
    public const string EventReceived = "event_received";

    /// <summary>The outcome of what was given up on.</summary>
    public const string DeadLettered = "dead_lettered";

    /// <summary>The outcome where another grain is told instead.</summary>
    public const string PassedOn = "pass_on";

    /// <summary>The outcome of a delivery that told what another had told.</summary>
    public const string Duplicate = "duplicate";
}
