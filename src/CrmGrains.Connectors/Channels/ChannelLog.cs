using Microsoft.Extensions.Logging;

namespace CrmGrains.Connectors.Channels;

internal static partial class ChannelLog
{
    [LoggerMessage(3200, LogLevel.Error, "Delivering on the channel {Channel} of kind {Kind} broke in the connector itself.")]
    public static partial void Broke(ILogger logger, string channel, string kind, Exception failure);
}
