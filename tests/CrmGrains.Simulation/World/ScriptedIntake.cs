using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Turns;
using CrmGrains.Simulation.Store;

namespace CrmGrains.Simulation.World;

/// <summary>
/// Turns of intake queues as the real intake has them: what is accepted is stored and forwarded to its grain, what ends here is a ledger
/// entry. One source's messages are sent without being forwarded.
/// </summary>
internal sealed class ScriptedIntake(Script script) : ITurns
{
    /// <summary>The source whose messages always become rows.</summary>
    public const string Sending = "s1";

    public string PartitionKind => Runtime.Mailboxes.PartitionKind.IntakeQueue;

    public async Task<BatchResult> RunAsync(TurnBatch batch, CancellationToken cancellationToken)
    {
        await Task.Yield();
        var turns = new List<TurnResult>();
        var messages = new List<OutgoingMessage>();
        foreach (var message in batch.Messages)
        {
            var label = JsonSerializer.Deserialize(message.Event ?? message.Body, SimulationJson.Default.ScriptedDelivery)?.Label ?? "";
            if (batch.Poisoned.TryGetValue(message.Id, out var reason))
            {
                turns.Add(Turn(message, label, "dead_lettered", "given up on") with { Failure = reason });
                continue;
            }

            switch (script.FateOf(label))
            {
                case Fate.Dropped:
                    turns.Add(Turn(message, label, "ignored", "dropped") with
                    {
                        Effects = [new Effect.OpenReview($"delivery/{label}", "scripted", "The script asks for it.")],
                    });
                    break;
                case Fate.Dead:
                    turns.Add(Turn(message, label, "dead_lettered", "dead") with { Failure = "The script has it die." });
                    break;
                case Fate.Poison:
                    turns.Add(Turn(message, label, "ignored", Script.Poison));
                    break;
                case Fate.Blast:
                    throw new InvalidOperationException($"The script has the batch of {label} fail.");
                case Fate.Accepted:
                    messages.Add(Accept(message, label, batch));
                    break;
            }
        }

        return new BatchResult(turns, [], messages);
    }

    private OutgoingMessage Accept(MailboxMessage message, string label, TurnBatch batch)
    {
        var id = message.EventId ?? throw new InvalidOperationException("A delivery without an event.");
        var told = new ContractEvent
        {
            EventId = id, Workspace = "w", SourceSystem = "scripted", SourceRecordId = label, EventType = EventType.LeadSubmitted,
            OccurredAt = batch.Now, ReceivedAt = batch.Now, CorrelationId = label, IdempotencyKey = label,
        };
        ((MemoryTransaction)batch.Transaction).Store(id, JsonSerializer.SerializeToUtf8Bytes(told, CoreJson.Default.ContractEvent));
        var grain = script.Target(label);
        Message received = Labels.Received(label) with { Event = told };
        return new OutgoingMessage(
            MailboxPartition.Of(grain), "w", grain.ToString(), received.Name, id,
            JsonSerializer.SerializeToUtf8Bytes(received, CoreJson.Default.Message),
            message.Source == Sending ? null : (message.Id, received));
    }

    private static TurnResult Turn(MailboxMessage message, string label, string outcome, string note) => new()
    {
        Message = message, EventId = message.EventId, Outcome = outcome, Configuration = OneWorkspace.Configuration.Hash,
        Detail = JsonSerializer.SerializeToUtf8Bytes(new ScriptedDetail(label, note), SimulationJson.Default.ScriptedDetail),
    };
}
