namespace CrmGrains.Runtime.Mailboxes;

/// <summary>What a partition is the queue of.</summary>
public static class PartitionKind
{
    /// <summary>The messages of the grains that belong to it.</summary>
    public const string Mailbox = "mailbox";

    /// <summary>The deliveries of one source.</summary>
    public const string IntakeQueue = "intake_queue";
}
