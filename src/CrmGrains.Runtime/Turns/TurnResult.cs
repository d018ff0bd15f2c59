using CrmGrains.Core.Grains;
using CrmGrains.Runtime.Mailboxes;

namespace CrmGrains.Runtime.Turns;

/// <summary>One turn, ready to be written: its ledger entry and what it asks for.</summary>
public sealed record TurnResult
{
    /// <summary>What was handled.</summary>
    public required MailboxMessage Message { get; init; }

    /// <summary>The event that the entry belongs to; intake may name another one than the message does.</summary>
    public Guid? EventId { get; init; }

    /// <summary>The grain's version after the turn; 0 where there is no grain or its state stays as it was.</summary>
    public long Version { get; init; }

    /// <summary>One word for the ledger: the decision's outcome, or <c>dead_lettered</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>The hash of the configuration under which it was decided; empty where there was none.</summary>
    public required string Configuration { get; init; }

    /// <summary>Message, decision and effects: JSON in UTF-8.</summary>
    public required byte[] Detail { get; init; }

    /// <summary>Carried out with the turn.</summary>
    public IReadOnlyList<Effect> Effects { get; init; } = [];

    /// <summary>Where its commands for the CRM go; null: nowhere. Those for a channel go there, whether or not it is configured.</summary>
    public string? CrmAccount { get; init; }

    /// <summary>Why the turn couldn't be run; its message goes to the dead letters.</summary>
    public string? Failure { get; init; }
}

/// <summary>The new state of a grain after a batch.</summary>
/// <param name="Partition">Its mailbox.</param>
/// <param name="Grain">Whose.</param>
/// <param name="Before">The version that the batch found; 0 where there was no state.</param>
/// <param name="Version">The version now.</param>
/// <param name="State">JSON in UTF-8.</param>
public readonly record struct GrainWrite(int Partition, string Grain, long Before, long Version, byte[] State);

/// <summary>What handling the messages of a batch came to.</summary>
/// <param name="Turns">One for each message, in order; none for a timer that an earlier turn of the batch replaced or canceled.</param>
/// <param name="States">One for each grain that changed.</param>
/// <param name="Messages">Messages beyond those of the turns' effects, for example from intake.</param>
/// <param name="Committed">Called when the batch was committed.</param>
public sealed record BatchResult(
    IReadOnlyList<TurnResult> Turns, IReadOnlyList<GrainWrite> States, IReadOnlyList<OutgoingMessage> Messages, Action? Committed = null);
