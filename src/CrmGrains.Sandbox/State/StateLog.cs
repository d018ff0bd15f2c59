namespace CrmGrains.Sandbox.State;

internal static partial class StateLog
{
    [LoggerMessage(9101, LogLevel.Information, "What the account holds is kept in {Path}.")]
    public static partial void Keeps(ILogger log, string path);

    [LoggerMessage(9102, LogLevel.Error,
        "The state could not be saved to {Path}, so a restart would lose the latest changes. It is tried again until it works.")]
    public static partial void SaveFailed(ILogger log, string path, Exception failure);

    [LoggerMessage(9103, LogLevel.Information, "The state is saved to {Path} again.")]
    public static partial void SavesAgain(ILogger log, string path);
}
