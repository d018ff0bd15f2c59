using Microsoft.Extensions.Logging;

namespace CrmGrains.Intake.Silence;

/// <summary>3300 to 3399.</summary>
internal static partial class SilenceLog
{
    [LoggerMessage(3300, LogLevel.Warning, "Watching the sources' silence failed and is tried again: {Reason}")]
    public static partial void WatchingFailed(this ILogger logger, string reason);
}
