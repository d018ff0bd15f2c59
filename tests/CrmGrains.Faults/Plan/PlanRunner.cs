using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Kinds;

namespace CrmGrains.Faults.Plan;

/// <summary>A strike that took place.</summary>
/// <param name="BeganAt">By the machine's clock, which is the database's too.</param>
/// <param name="LongestWaitMs">How long an event that came meanwhile waited for its turn, at most; known at the end.</param>
/// <param name="Error">What went wrong in the doing; null where nothing did.</param>
internal sealed record Struck(Strike Strike, DateTimeOffset BeganAt, DateTimeOffset EndedAt, string? Error, double LongestWaitMs = 0);

/// <summary>Lets a plan's faults strike when it is their time. They may overlap: one that lasts doesn't hold up the next.</summary>
internal static class PlanRunner
{
    public static async Task<IReadOnlyList<Struck>> RunAsync(
        FaultCluster cluster, IReadOnlyList<Strike> plan, TimeSpan length, TextWriter progress, CancellationToken cancellationToken)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        var strikes = new List<Task<Struck>>(plan.Count);
        foreach (var strike in plan)
        {
            await UntilAsync(strike.At);
            await progress.WriteLineAsync(strike.ToString());
            strikes.Add(StrikeAsync(cluster, strike, cancellationToken));
        }

        await UntilAsync(length);
        return await Task.WhenAll(strikes);

        async Task UntilAsync(TimeSpan at)
        {
            var wait = at - TimeProvider.System.GetElapsedTime(startedAt);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<Struck> StrikeAsync(FaultCluster cluster, Strike strike, CancellationToken cancellationToken)
    {
        var kind = FaultKinds.All.First(kind => kind.Name == strike.Kind);
        var beganAt = TimeProvider.System.GetUtcNow();
        string? error = null;
        try
        {
            await kind.StrikeAsync(cluster, strike, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Faults meet each other: a silo can't be started while PostgreSQL is away. The end heals everything.
            error = exception.Message;
        }

        return new Struck(strike, beganAt, TimeProvider.System.GetUtcNow(), error);
    }
}
