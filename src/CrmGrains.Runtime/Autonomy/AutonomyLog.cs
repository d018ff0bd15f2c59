using Microsoft.Extensions.Logging;

namespace CrmGrains.Runtime.Autonomy;

/// <summary>1300 to 1349.</summary>
internal static partial class AutonomyLog
{
    [LoggerMessage(1300, LogLevel.Warning, "What goes without a person isn't known for now, so everything beyond a low risk is put before one: {Reason}")]
    public static partial void GrantsUnknown(this ILogger logger, string reason);
}
