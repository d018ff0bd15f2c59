using CrmGrains.Runtime.Turns;
using Microsoft.Extensions.Logging;

namespace CrmGrains.Runtime.Silos;

/// <summary>Tells metrics and log what a committed batch did.</summary>
internal sealed class BatchReport(SiloMetrics metrics, ILogger logger)
{
    private const int StateSoftLimitBytes = 16 * 1024;

    public void Committed(Guid silo, Batch batch, List<BatchResult> results)
    {
        foreach (var _ in batch.Served.Where(partition => partition.LastSilo is { } last && last != silo))
            metrics.PartitionTakenOver();
        foreach (var turn in results.SelectMany(result => result.Turns))
        {
            metrics.TurnCommitted(turn.Message.Kind, turn.Outcome);
            if (turn.Failure is not null)
                logger.DeadLettered(turn.Message.Id, turn.Message.Kind, turn.Message.Grain, turn.Failure);
        }

        foreach (var state in results.SelectMany(result => result.States).Where(state => state.State.Length > StateSoftLimitBytes))
            logger.LargeState(state.Grain, state.State.Length);
    }
}
