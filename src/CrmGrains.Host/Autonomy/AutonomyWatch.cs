using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace CrmGrains.Host.Autonomy;

/// <summary>Looks again and again: what goes wrong needs a person at once, what went well for long is proposed.</summary>
internal sealed class AutonomyWatch(
    AutonomyBook book, Configuration.Workspaces workspaces, IOptions<AutonomyOptions> options, AutonomyMetrics metrics, TimeProvider time,
    ILogger<AutonomyWatch> logger) : BackgroundService
{
    private readonly AutonomyOptions _options = options.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? proposedAt = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            var proposes = proposedAt is not { } before || time.GetElapsedTime(before) >= _options.ProposalInterval;
            foreach (var workspace in workspaces.Current.Values)
            {
                try
                {
                    foreach (var (action, why) in await book.LookAsync(workspace, proposes, stoppingToken) ?? [])
                    {
                        metrics.Demoted(workspace.Name, action);
                        logger.Demoted(action, workspace.Name, why);
                    }
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    // One workspace that can't be looked at doesn't keep the others.
                    logger.LookFailed(workspace.Name, exception.Message);
                }
                catch (Exception) when (stoppingToken.IsCancellationRequested)
                {
                    return;
                }
            }

            if (proposes)
                proposedAt = time.GetTimestamp();
            await Task.Delay(_options.Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

/// <summary>How often it went wrong, for dashboards and alerts.</summary>
internal sealed class AutonomyMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _demotions = meters.Create("CrmGrains.Host").CreateCounter<long>(
        "autonomy_demotions", description: "Kinds of actions that went without a person, went wrong and need one again, by workspace and action.");

    public void Demoted(string workspace, string action) => _demotions.Add(1, new("workspace", workspace), new("action", action));
}

/// <summary>9150 to 9159.</summary>
internal static partial class AutonomyLog
{
    [LoggerMessage(9150, LogLevel.Warning, "{Action} in workspace {Workspace} needs a person again: {Why}")]
    public static partial void Demoted(this ILogger logger, string action, string workspace, string why);

    [LoggerMessage(9151, LogLevel.Warning, "How actions go in workspace {Workspace} couldn't be looked at, and is in the next round: {Reason}")]
    public static partial void LookFailed(this ILogger logger, string workspace, string reason);
}
