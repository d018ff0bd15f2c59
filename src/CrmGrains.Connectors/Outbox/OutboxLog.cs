using Microsoft.Extensions.Logging;

namespace CrmGrains.Connectors.Outbox;

internal static partial class OutboxLog
{
    [LoggerMessage(
        3000, LogLevel.Information,
        "This process carries out the commands of {Account} now; {Interrupted} were left with an open outcome and are looked for before "
        + "they are repeated.")]
    public static partial void TookOver(ILogger logger, string account, int interrupted);

    [LoggerMessage(3001, LogLevel.Information, "This process no longer carries out the commands of {Account}.")]
    public static partial void GaveBack(ILogger logger, string account);

    [LoggerMessage(
        3002, LogLevel.Warning,
        "The commands of {Account} were interrupted: the database connection was lost, or a statement failed. Taking the account again "
        + "in {Delay}.")]
    public static partial void Interrupted(ILogger logger, string account, TimeSpan delay, Exception exception);

    [LoggerMessage(
        3010, LogLevel.Error,
        "{Account} must not be used: {Reason}. Its commands wait and lose no attempt. Correct it in the CRM or in the configuration; it "
        + "resumes by itself.")]
    public static partial void Paused(ILogger logger, string account, string reason);

    [LoggerMessage(3011, LogLevel.Information, "{Account} can be used again.")]
    public static partial void Resumed(ILogger logger, string account);

    [LoggerMessage(3012, LogLevel.Warning, "{Account} still can't be used: {Reason}. The next probe is in {Delay}.")]
    public static partial void StillPaused(ILogger logger, string account, string reason, TimeSpan delay);

    [LoggerMessage(
        3020, LogLevel.Warning,
        "{Count} commands of {Account} went to the dead letters crm_api_failed_jobs, the first with {Error}.")]
    public static partial void DeadLettered(ILogger logger, int count, string account, string? error);

    [LoggerMessage(
        3021, LogLevel.Warning,
        "{Account} refused {Count} commands as they are, the first with {Error}. They are in the review queue.")]
    public static partial void Refused(ILogger logger, string account, int count, string? error);

    [LoggerMessage(3022, LogLevel.Error, "The connector of {Account} threw on a batch of {Object}; its outcomes count as unknown.")]
    public static partial void ConnectorThrew(ILogger logger, string account, string @object, Exception exception);

    [LoggerMessage(3023, LogLevel.Warning, "{Account} doesn't do what is asked for {Object}; the next batch waits for {Delay}.")]
    public static partial void CrmIsAway(ILogger logger, string account, string @object, TimeSpan delay);

    [LoggerMessage(
        3024, LogLevel.Warning,
        "Calls of {Account} were in flight when the time to stop was over; they are looked for before they are repeated.")]
    public static partial void StoppedWithCallsInFlight(ILogger logger, string account);

    [LoggerMessage(3030, LogLevel.Error, "The CRM accounts could not be read; those that run go on.")]
    public static partial void AccountsUnreadable(ILogger logger, Exception exception);

    [LoggerMessage(
        3032, LogLevel.Warning,
        "There are commands for {Account}, and its workspace's configuration has no such account or channel. They go to the review queue; "
        + "configure it, or name another one.")]
    public static partial void NotConfigured(ILogger logger, string account);

    [LoggerMessage(3033, LogLevel.Warning, "Commands of accounts that aren't configured could not be looked for.")]
    public static partial void AbsentUnread(ILogger logger, Exception exception);

    [LoggerMessage(3031, LogLevel.Error, "Waking the mailboxes failed; they are polled all the same.")]
    public static partial void WakingFailed(ILogger logger, Exception exception);
}
