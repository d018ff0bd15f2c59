using System.Diagnostics;
using System.Globalization;
using CrmGrains.IntegrationTests.Databases;
using CrmGrains.Runtime.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CrmGrains.IntegrationTests.Postgres;

/// <summary>A temporary data folder, and what the tests ask about the server in it.</summary>
internal sealed class ServerFolder : IDisposable
{
    private readonly string _root;

    /// <param name="below">A path to put between the temporary folder and the data folder.</param>
    public ServerFolder(string below = "data")
    {
        _root = Directory.CreateTempSubdirectory("crmgrains-tests-").FullName;
        Path = System.IO.Path.Combine(_root, below);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path) ?? _root);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_root, (UnixFileMode)0b111_101_101);
        Reaper.Watch(Path, _root);
    }

    public string Path { get; }
    public string Cluster => System.IO.Path.Combine(Path, "postgres");
    public string PostmasterFile => System.IO.Path.Combine(Cluster, "postmaster.pid");
    public int Postmaster => int.Parse(File.ReadLines(PostmasterFile).First(), CultureInfo.InvariantCulture);

    public Task<EmbeddedPostgres> StartAsync() =>
        EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = Path }, NullLogger.Instance, TimeProvider.System, CancellationToken.None);

    public static async Task<object?> AskAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>A process that has ended but that nobody has waited for ("Z") runs no more; not every container's init waits for orphans.</summary>
    public static bool IsRunning(int pid) =>
        File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);

    public static async Task UntilAsync(Func<Task<bool>> condition, string missing)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), $"Waited a minute for this: {missing}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
