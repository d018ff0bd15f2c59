using Microsoft.Extensions.Logging;

namespace CrmGrains.Intake.Pull;

/// <summary>2150 to 2199.</summary>
internal static partial class PullLog
{
    [LoggerMessage(2150, LogLevel.Warning, "Payloads of {Workspace}/{Source} (webhook {Webhook}) weren't fetched at attempt {Attempt}: {Reason}")]
    public static partial void PullFailed(this ILogger logger, string workspace, string source, string webhook, int attempt, string reason);

    [LoggerMessage(2151, LogLevel.Error, "Payloads {First} to {Last} of {Workspace}/{Source} (webhook {Webhook}) are lost: the sender doesn't keep them any more.")]
    public static partial void PayloadsLost(this ILogger logger, long first, long last, string workspace, string source, string webhook);

    [LoggerMessage(2152, LogLevel.Warning, "Fetching payloads is interrupted and goes on in {Wait}: {Reason}")]
    public static partial void PullInterrupted(this ILogger logger, TimeSpan wait, string reason);
}
