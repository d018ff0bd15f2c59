using CrmGrains.Checker;
using CrmGrains.Runtime.Ledger;
using CrmGrains.Simulation.Store;
using CrmGrains.Simulation.World;

namespace CrmGrains.Simulation.Checks;

/// <summary>What a run left, as the history checker reads it.</summary>
internal static class WorldHistory
{
    public static History Of(SimulatedWorld world)
    {
        var database = world.Database;
        return new History
        {
            Deliveries = world.Senders.Deliveries,
            RawEvents = [.. database.Deliveries.Values.Select(row => new RawEvent(row.EventId, row.Partition, row.DeliveryId))],
            Turns = [.. database.Ledger.Values.SelectMany(chain => chain).Select(Entry)],
            Partitions = [.. database.Partitions.Values.Select(partition => Head(partition, database))],
            States =
            [
                .. database.States.Values.Select(row => new GrainState(row.Partition, row.Grain, row.Version, StoredText.Of(row.State))),
            ],
            MessagesLeft =
            [
                .. database.Messages.Where(row => row.IsAlive)
                    .Select(row => new MessageLeft(row.Id, row.Partition, row.Workspace, row.Grain, row.Kind, row.EventId)),
            ],
            DeadLetters =
            [
                .. database.DeadLetters.Select((row, place) => new DeadLetter(
                    place, "turns", row.Grain, row.Kind, row.EventId, row.Error, null)),
            ],
        };
    }

    private static LedgerEntry Entry(EntryRow entry)
    {
        var (row, turn) = (entry.Row, entry.Row.Turn);
        return new LedgerEntry
        {
            Partition = row.Partition, Position = row.Position, Workspace = turn.Message.Workspace, Grain = turn.Message.Grain,
            Version = turn.Version, MessageId = turn.Message.Id, Kind = turn.Message.Kind, Outcome = turn.Outcome, EventId = turn.EventId,
            Configuration = turn.Configuration, Silo = entry.Silo, BeganAt = row.BeganAt, WrittenAt = entry.WrittenAt,
            Detail = StoredText.Of(turn.Detail), Salt = row.Salt, DetailHash = row.DetailHash, Hash = row.Hash,
        };
    }

    private static PartitionHead Head(PartitionRow partition, Database database)
    {
        var last = database.Chain(partition.Id).LastOrDefault()?.Row;
        return new PartitionHead(
            partition.Id, partition.Workspace, partition.Source, last?.Position ?? 0, last?.Hash ?? new byte[LedgerChain.HashBytes]);
    }
}
