using Microsoft.Extensions.Logging;

namespace CrmGrains.Intake.Replays;

/// <summary>2200 to 2249.</summary>
internal static partial class ReplayLog
{
    [LoggerMessage(2200, LogLevel.Warning, "Running replays was interrupted and goes on from where it was in {Delay}: {Reason}")]
    public static partial void Interrupted(this ILogger logger, TimeSpan delay, string reason);

    [LoggerMessage(2201, LogLevel.Information, "Replay {Replay} has sent all of its deliveries.")]
    public static partial void Sent(this ILogger logger, long replay);

    [LoggerMessage(2202, LogLevel.Information, "Replay {Replay} is completed.")]
    public static partial void Completed(this ILogger logger, long replay);
}
