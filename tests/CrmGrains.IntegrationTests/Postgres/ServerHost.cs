using System.Diagnostics;

namespace CrmGrains.IntegrationTests.Postgres;

/// <summary>Another process that runs an embedded PostgreSQL, as a second CrmGrains would.</summary>
internal sealed class ServerHost : IDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    private readonly Process _process;

    private ServerHost(Process process, string connectionString) => (_process, ConnectionString) = (process, connectionString);

    public string ConnectionString { get; }
    public int Id => _process.Id;

    public static async Task<ServerHost> StartAsync(string dataFolder)
    {
        var assembly = typeof(ServerHost).Assembly.Location;
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", assembly])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_STARTUP_HOOKS"] = assembly, [StartupHook.FolderVariable] = dataFolder },
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException("The host was not started.");
        var connectionString = await process.StandardOutput.ReadLineAsync().WaitAsync(LongestStart);
        return connectionString is not null
            ? new ServerHost(process, connectionString)
            : throw new InvalidOperationException("The host didn't start: " + await process.StandardError.ReadToEndAsync());
    }

    /// <summary>SIGKILL to this one process: its server lives on.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(LongestStart)) _process.Kill();
        _process.Dispose();
    }
}
