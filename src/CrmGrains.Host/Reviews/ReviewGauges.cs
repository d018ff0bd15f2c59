using Dapper;
using Npgsql;

namespace CrmGrains.Host.Reviews;

/// <summary>Measures what waits for people every few seconds, by the processes with the console's role. Counts stop at a bound.</summary>
internal sealed class ReviewGauges(NpgsqlDataSource database, ReviewMetrics metrics, TimeProvider time, ILogger<ReviewGauges> logger) : BackgroundService
{
    private const int MaxCount = 20_000;

    // Reasons and tiers are closed sets far below it.
    private const int MaxGroups = 200;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await MeasureAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                logger.MeasuringFailed(exception.Message);
            }

            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Measures once.</summary>
    internal async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        metrics.Measured([.. await connection.QueryAsync<WaitingReviews>(new CommandDefinition(
            ReviewSql.Measure, new { max = MaxCount, groups = MaxGroups }, cancellationToken: cancellationToken))]);
    }
}
