using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;

namespace CrmGrains.Runtime.Turns;

/// <summary>
/// Handles the messages of one kind of partition. It runs inside the transaction that popped them and doesn't know who called it; what
/// it returns is written and committed with the pop.
/// </summary>
public interface ITurns
{
    /// <summary>One of <see cref="Mailboxes.PartitionKind"/>.</summary>
    string PartitionKind { get; }

    /// <summary>
    /// Runs the turns of a batch. A message that can't be handled is a result with a failure; an exception ends the whole batch, which
    /// is then split until the message that causes it is alone.
    /// </summary>
    Task<BatchResult> RunAsync(TurnBatch batch, CancellationToken cancellationToken);
}

/// <summary>The messages of the claimed partitions of one kind, in order.</summary>
/// <param name="Transaction">Its own; for reads and for rows of the handler's own.</param>
/// <param name="Now">UTC, by the database's clock.</param>
/// <param name="Messages">In order, partition by partition.</param>
/// <param name="TakenOver">Partitions that another silo ran last: what is cached of them is stale.</param>
/// <param name="Poisoned">Messages that can't be committed, with the reason: they go to the dead letters unhandled.</param>
public sealed record TurnBatch(
    EngineTransaction Transaction,
    DateTimeOffset Now,
    IReadOnlyList<MailboxMessage> Messages,
    IReadOnlyCollection<int> TakenOver,
    IReadOnlyDictionary<long, string> Poisoned);
