namespace CrmGrains.Runtime.Mailboxes;

/// <summary>A partition whose row this transaction has locked: nobody else runs it until the transaction ends.</summary>
internal sealed class ClaimedPartition
{
    public required int Id { get; init; }

    /// <summary>One of <see cref="Mailboxes.PartitionKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Whose deliveries it queues; null for a mailbox.</summary>
    public string? Source { get; init; }

    /// <summary>The silo that is noted as its owner.</summary>
    public Guid? NotedSilo { get; init; }

    /// <summary>Up to where it is noted as empty.</summary>
    public long NotedMark { get; init; }

    /// <summary>The silo that ran it last, by its last ledger entry. What is cached of it is valid only where that is oneself.</summary>
    public Guid? LastSilo { get; set; }

    /// <summary>The position of its last ledger entry.</summary>
    public long HeadPosition { get; set; }

    /// <summary>The hash of its last ledger entry; zeros where there is none.</summary>
    public byte[] HeadHash { get; set; } = [];

    /// <summary>The instant from which the batch has it, by the store's clock.</summary>
    public DateTimeOffset BeganAt { get; set; }

    /// <summary>Whether a batch of it couldn't be committed, so that it is split.</summary>
    public bool IsSuspect { get; set; }

    /// <summary>Most messages to take this time.</summary>
    public int Limit { get; set; }

    /// <summary>Whether everything that there was to take was taken.</summary>
    public bool IsDrained { get; set; }
}
