namespace CrmGrains.Host.Serving;

/// <summary>5000 to 5099.</summary>
internal static partial class ServeLog
{
    [LoggerMessage(5000, LogLevel.Information, "CrmGrains serves {Roles} at {Urls}.")]
    public static partial void Serving(this ILogger logger, string roles, string urls);

    [LoggerMessage(5001, LogLevel.Warning, "The database doesn't answer yet; trying again in {Delay}: {Reason}")]
    public static partial void DatabaseAway(this ILogger logger, TimeSpan delay, string reason);

    [LoggerMessage(5002, LogLevel.Critical, "The embedded PostgreSQL ended for good; stopping.")]
    public static partial void PostgresEnded(this ILogger logger, Exception? exception);

    [LoggerMessage(5003, LogLevel.Warning, "Measuring the backlogs failed: {Reason}")]
    public static partial void MeasuringFailed(this ILogger logger, string reason);

    [LoggerMessage(5004, LogLevel.Warning, "Recording the configuration of workspace {Workspace} failed and is tried again: {Reason}")]
    public static partial void RecordingFailed(this ILogger logger, string workspace, string reason);

    [LoggerMessage(5005, LogLevel.Warning, "The file of workspace {Workspace} changed again before configuration {Hash} was kept; turns under it can't be repeated exactly.")]
    public static partial void RecordingMissed(this ILogger logger, string workspace, string hash);

    [LoggerMessage(5006, LogLevel.Warning, "CRMGRAINS_CRASH_AT is set: this process will kill itself at {Point}. For tests only.")]
    public static partial void CrashPointArmed(this ILogger logger, string point);
}
