namespace CrmGrains.Host.Gateway;

/// <summary>4000 to 4099.</summary>
internal static partial class GatewayLog
{
    [LoggerMessage(4000, LogLevel.Error, "Deliveries of {Workspace}/{Source} are answered 503: {Reason}")]
    public static partial void SecretMissing(this ILogger logger, string workspace, string source, string reason);

    [LoggerMessage(4001, LogLevel.Error, "A delivery of {Workspace}/{Source} failed in a way that nobody foresaw; it was answered 503.")]
    public static partial void DeliveryFailed(this ILogger logger, string workspace, string source, Exception exception);
}
