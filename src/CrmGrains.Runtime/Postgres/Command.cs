using System.Diagnostics;

namespace CrmGrains.Runtime.Postgres;

/// <summary>A short-lived program and what it said.</summary>
internal sealed record Command(int ExitCode, string Output, string Error)
{
    /// <exception cref="EmbeddedPostgresException">The program isn't there.</exception>
    public static async Task<Command> RunAsync(IEnumerable<string> command, CancellationToken cancellationToken)
    {
        using var process = Start(command);
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new Command(process.ExitCode, (await output).Trim(), (await error).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>
    /// Starts a program in an environment of its own: no <c>PG...</c> variable bends what it does, and no secret of ours
    /// shows up in the environment of a process that another user may read.
    /// </summary>
    public static Process Start(IEnumerable<string> command)
    {
        string[] words = [.. command];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            UseShellExecute = false,
            WorkingDirectory = "/",  // ours may be closed to the user who runs it
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin";
        start.Environment["LANG"] = "C";
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException($"{words[0]} was not started.");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new EmbeddedPostgresException($"The program {words[0]} can't be started: {e.Message}.", e);
        }
    }
}
