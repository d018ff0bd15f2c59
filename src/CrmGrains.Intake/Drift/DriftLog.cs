using Microsoft.Extensions.Logging;

namespace CrmGrains.Intake.Drift;

/// <summary>3200 to 3299.</summary>
internal static partial class DriftLog
{
    [LoggerMessage(3200, LogLevel.Warning, "Keeping what payloads look like failed and is tried again: {Reason}")]
    public static partial void KeepingFailed(this ILogger logger, string reason);
}
