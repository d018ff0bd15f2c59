using System.Diagnostics;
using CrmGrains.Host.Serving;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>What a run of the program came to.</summary>
internal sealed record Finished(int ExitCode, string Output, string Error);

/// <summary>The built program, started as an operator would start it.</summary>
internal static class BuiltProgram
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(100);

    /// <summary>Starts it; its output is read by the caller.</summary>
    public static Process Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", typeof(ServeOptions).Assembly.Location, .. arguments])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("CRMGRAINS", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException("The program was not started.");
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<Finished> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var process = Start(arguments, environment);
        using var patience = new CancellationTokenSource(LongestRun);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        try
        {
            await process.WaitForExitAsync(patience.Token);
            return new Finished(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"`crmgrains {string.Join(' ', arguments)}` didn't end within {LongestRun}.");
            throw;
        }
    }
}
