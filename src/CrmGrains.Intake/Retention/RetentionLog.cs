using Microsoft.Extensions.Logging;

namespace CrmGrains.Intake.Retention;

/// <summary>2250 to 2299.</summary>
internal static partial class RetentionLog
{
    [LoggerMessage(2250, LogLevel.Warning, "Purging was interrupted and goes on from where it was in {Delay}: {Reason}")]
    public static partial void Interrupted(this ILogger logger, TimeSpan delay, string reason);

    [LoggerMessage(2251, LogLevel.Warning, "Purging class {Class} of workspace {Workspace} failed and is tried again in the next round: {Reason}")]
    public static partial void ClassFailed(this ILogger logger, string @class, string workspace, string reason);
}
