using Microsoft.Extensions.Logging;

namespace CrmGrains.Connectors.HubSpot;

internal static partial class HubSpotLog
{
    [LoggerMessage(
        3100, LogLevel.Error,
        "Writing {Count} {CommandObject} commands to the HubSpot account {Account} broke in the connector itself.")]
    public static partial void Broke(ILogger logger, int count, string commandObject, string account, Exception failure);
}
