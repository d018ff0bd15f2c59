using CrmGrains.Runtime.Storage;
using CrmGrains.Runtime.Turns;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Intake.Replays;

/// <summary>Counts what became of replayed deliveries, in the transaction of their batch: so progress is exact whatever breaks.</summary>
internal static class ReplayCounts
{
    /// <summary>Adds those of a batch; each replayed delivery ends in one turn of its queue.</summary>
    public static async Task WriteAsync(NpgsqlConnection connection, IEnumerable<TurnResult> turns, CancellationToken cancellationToken)
    {
        var counts = turns
            .Where(turn => turn.Message.Kind == ReplayedDelivery.Kind)
            .CountBy(turn => (Replay: ReplayedDelivery.Of(turn.Message) ?? 0, turn.Outcome))
            .ToList();
        if (counts.Count == 0)
            return;
        await using var command = new NpgsqlCommand(ReplaySql.Count, connection);
        command.Parameters
            .Longs(counts.ConvertAll(count => count.Key.Replay))
            .Texts(counts.ConvertAll(count => count.Key.Outcome))
            .Longs(counts.ConvertAll(count => (long)count.Value));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
