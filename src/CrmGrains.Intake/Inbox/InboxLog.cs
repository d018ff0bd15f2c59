using Microsoft.Extensions.Logging;

namespace CrmGrains.Intake.Inbox;

/// <summary>2000 to 2049.</summary>
internal static partial class InboxLog
{
    [LoggerMessage(2000, LogLevel.Warning, "{Deliveries} deliveries weren't stored; their senders were told to come again: {Reason}")]
    public static partial void DeliveriesNotStored(this ILogger logger, int deliveries, string reason);

    [LoggerMessage(2001, LogLevel.Warning, "{Deliveries} deliveries can't be stored together; each is tried alone.")]
    public static partial void DeliveriesSplit(this ILogger logger, int deliveries, Exception exception);
}
