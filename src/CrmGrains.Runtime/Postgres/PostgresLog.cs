using Microsoft.Extensions.Logging;

namespace CrmGrains.Runtime.Postgres;

internal static partial class PostgresLog
{
    [LoggerMessage(100, LogLevel.Information, "Making a PostgreSQL {Major} cluster in {Folder}.")]
    public static partial void MakingCluster(ILogger logger, string folder, int major);

    [LoggerMessage(101, LogLevel.Information, "PostgreSQL {Major} serves {Folder} as process {Pid}, ready after {Milliseconds:F0} ms.")]
    public static partial void Started(ILogger logger, string folder, int major, int pid, double milliseconds);

    [LoggerMessage(102, LogLevel.Information, "PostgreSQL in {Folder} has stopped.")]
    public static partial void Stopped(ILogger logger, string folder);

    [LoggerMessage(103, LogLevel.Warning, "Process {Pid} still serves {Folder}: the CrmGrains that started it was killed. Stopping it; no data is lost.")]
    public static partial void OrphanFound(ILogger logger, int pid, string folder);

    [LoggerMessage(104, LogLevel.Error, "PostgreSQL ended by itself with exit code {ExitCode}; restart {Restart} of {MaxRestarts} follows in {Delay}. The end of {LogFile}: {Tail}")]
    public static partial void Died(ILogger logger, int exitCode, int restart, int maxRestarts, TimeSpan delay, string logFile, string tail);

    [LoggerMessage(105, LogLevel.Error, "PostgreSQL could not be restarted.")]
    public static partial void RestartFailed(ILogger logger, Exception exception);

    [LoggerMessage(106, LogLevel.Critical, "PostgreSQL keeps ending by itself: given up after {Restarts} restarts. See {LogFile}.")]
    public static partial void GivenUp(ILogger logger, int restarts, string logFile);

    [LoggerMessage(110, LogLevel.Information, "Migration {Name} was applied in {Milliseconds:F0} ms.")]
    public static partial void MigrationApplied(ILogger logger, string name, double milliseconds);

    [LoggerMessage(111, LogLevel.Warning, "The database is newer than this program: it has migration {Number}, the program knows {Newest}. Update the program.")]
    public static partial void DatabaseIsNewer(ILogger logger, int number, int newest);

    [LoggerMessage(112, LogLevel.Information, "Migration {Name} waits for a lock that another session holds; attempt {Attempt} of {MaxAttempts} ended.")]
    public static partial void MigrationWaits(ILogger logger, string name, int attempt, int maxAttempts);

    [LoggerMessage(113, LogLevel.Debug, "The output of PostgreSQL could not be bounded.")]
    public static partial void LogNotBounded(ILogger logger, Exception exception);
}
