namespace CrmGrains.Sandbox;

internal static partial class SandboxLog
{
    [LoggerMessage(9001, LogLevel.Error, "{Method} {Path} failed inside the sandbox.")]
    public static partial void CallFailed(ILogger log, string method, string path, Exception failure);
}
