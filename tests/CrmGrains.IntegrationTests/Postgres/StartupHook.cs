using CrmGrains.Runtime.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

/// <summary>
/// Makes a process out of this assembly that runs a server until it is killed, for <see cref="CrmGrains.IntegrationTests.Postgres.ServerHost"/>.
/// The runtime calls it before the program's own entry point; its name and its lack of a namespace are the runtime's rule
/// (<c>DOTNET_STARTUP_HOOKS</c>).
/// </summary>
#pragma warning disable MA0047, CA1050 // no namespace: see above
internal static class StartupHook
{
    public const string FolderVariable = "CRMGRAINS_TEST_HOST_FOLDER";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is not { Length: > 0 } folder) return;
        HostAsync(folder).GetAwaiter().GetResult();
        Environment.Exit(0);
    }

    private static async Task HostAsync(string folder)
    {
        try
        {
            var options = new EmbeddedPostgresOptions { DataFolder = folder };
            await using var server = await EmbeddedPostgres.StartAsync(options, NullLogger.Instance, TimeProvider.System, CancellationToken.None);
            await Console.Out.WriteLineAsync(server.ConnectionString);
            await Console.In.ReadToEndAsync();  // until whoever started us closes the pipe, or dies
        }
        catch (EmbeddedPostgresException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
        }
    }
}
