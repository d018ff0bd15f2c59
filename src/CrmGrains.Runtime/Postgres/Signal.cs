using System.Runtime.InteropServices;

namespace CrmGrains.Runtime.Postgres;

/// <summary>Unix signals, by what they mean to a postmaster.</summary>
internal static class Signal
{
    /// <summary>SIGINT: end all sessions, write a checkpoint, stop.</summary>
    public const int FastShutdown = 2;

    /// <summary>SIGQUIT: stop now; the next start replays the log.</summary>
    public const int ImmediateShutdown = 3;

    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>Does nothing where the process is gone.</summary>
    public static void Send(int pid, int signal) => _ = SendSignal(pid, signal);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int pid, int signal);
}
