namespace CrmGrains.Host.Configuration;

internal static partial class WorkspacesLog
{
    [LoggerMessage(700, LogLevel.Information, "Workspace {Workspace} is configured by {File}, {Hash}.")]
    public static partial void Configured(this ILogger log, string workspace, string file, string hash);

    [LoggerMessage(701, LogLevel.Error, "{Fault}")]
    public static partial void FaultFound(this ILogger log, WorkspaceFault fault);

    [LoggerMessage(702, LogLevel.Error, "{File} has {Faults} faults and wasn't taken; workspace {Workspace} goes on as before. Mend the file; it is read again by itself.")]
    public static partial void FileNotTaken(this ILogger log, string file, int faults, string workspace);

    [LoggerMessage(703, LogLevel.Warning, "{File} is gone or can't be read; workspace {Workspace} goes on as before until a restart. Put the file back.")]
    public static partial void FileGone(this ILogger log, string file, string workspace);

    [LoggerMessage(704, LogLevel.Warning, "{Folder} has no workspace file (*.yaml), so every hook answers 404.")]
    public static partial void NoWorkspace(this ILogger log, string folder);

    [LoggerMessage(705, LogLevel.Warning, "Workspace {Workspace}: {Reference} has no value, so what needs it will fail. Set it.")]
    public static partial void SecretMissing(this ILogger log, string workspace, string reference);

    [LoggerMessage(706, LogLevel.Warning, "{Folder} can't be watched; changes of workspace files are found by looking every {Poll}.")]
    public static partial void NotWatched(this ILogger log, Exception exception, string folder, TimeSpan poll);

    [LoggerMessage(707, LogLevel.Error, "Looking at the workspace files failed; it is tried again in {Poll}.")]
    public static partial void ReloadFailed(this ILogger log, Exception exception, TimeSpan poll);

    [LoggerMessage(708, LogLevel.Error, "Something that follows changes of workspace {Workspace} failed.")]
    public static partial void FollowerFailed(this ILogger log, Exception exception, string workspace);
}
