using Microsoft.Extensions.Logging;

namespace CrmGrains.Runtime.Silos;

/// <summary>1000 to 1099.</summary>
internal static partial class SiloLog
{
    [LoggerMessage(1000, LogLevel.Information, "Silo {Silo} runs with {Workers} workers.")]
    public static partial void Started(this ILogger logger, Guid silo, int workers);

    [LoggerMessage(1001, LogLevel.Information, "Silo {Silo} has stopped: its batches are finished.")]
    public static partial void Stopped(this ILogger logger, Guid silo);

    [LoggerMessage(1002, LogLevel.Warning, "A batch was rolled back and is tried again in {Delay}: {Reason}")]
    public static partial void BatchFailed(this ILogger logger, string reason, TimeSpan delay);

    [LoggerMessage(1003, LogLevel.Error, "A batch of {Messages} messages of partitions {Partitions} can't be committed; it is split.")]
    public static partial void BatchSplit(this ILogger logger, int messages, string partitions, Exception exception);

    [LoggerMessage(1004, LogLevel.Error, "Message {Message} ({Kind}) of {Grain} was given up on and lies in the dead letters: {Reason}")]
    public static partial void DeadLettered(this ILogger logger, long message, string kind, string grain, string reason);

    [LoggerMessage(1005, LogLevel.Warning, "The state of {Grain} has {Bytes} bytes, more than the soft limit of 16 KiB.")]
    public static partial void LargeState(this ILogger logger, string grain, int bytes);

    [LoggerMessage(1006, LogLevel.Warning, "Listening for other processes was interrupted and goes on in a second: {Reason}")]
    public static partial void ListeningFailed(this ILogger logger, string reason);

    [LoggerMessage(1007, LogLevel.Warning, "Telling other processes failed; they find the work by polling: {Reason}")]
    public static partial void NotifyingFailed(this ILogger logger, string reason);

    [LoggerMessage(1008, LogLevel.Warning, "Measuring the mailboxes' depth failed: {Reason}")]
    public static partial void MeasuringFailed(this ILogger logger, string reason);
}
