namespace CrmGrains.Host.Reviews;

/// <summary>5100 to 5149.</summary>
internal static partial class ReviewLog
{
    [LoggerMessage(5100, LogLevel.Warning, "A round of expiring and waking reviews failed and is tried again in {Delay}: {Reason}")]
    public static partial void RoundFailed(this ILogger logger, TimeSpan delay, string reason);

    [LoggerMessage(5101, LogLevel.Error, "Review {Review} can't expire, since its proposal can't be read by this version; it stays open for a person.")]
    public static partial void Unreadable(this ILogger logger, Guid review);

    [LoggerMessage(5102, LogLevel.Warning, "Measuring the reviews failed: {Reason}")]
    public static partial void MeasuringFailed(this ILogger logger, string reason);
}
