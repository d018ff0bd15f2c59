using System.Net;
using CrmGrains.Runtime.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CrmGrains.Benchmarks.Servers;

/// <summary>A PostgreSQL of its own in a temporary folder and the processes on it; stopped and removed on disposal.</summary>
internal sealed class Installation : IAsyncDisposable
{
    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly List<RunningProcess> _processes = [];
    private EmbeddedPostgres? _postgres;
    private NpgsqlDataSource? _database;
    private HeldAccount? _account;

    private Installation(Contender contender, string folder, TimeProvider time) => (Contender, _folder, _time) = (contender, folder, time);

    public Contender Contender { get; }

    /// <summary>Where the first process, which takes requests, listens.</summary>
    public IPEndPoint Address => _processes[0].Address;

    public IReadOnlyList<RunningProcess> Processes => _processes;

    /// <summary>The postmaster; the other processes of the server are its children.</summary>
    public int PostmasterId { get; private set; }

    /// <summary>The database, as its superuser.</summary>
    public NpgsqlDataSource Database => _database ?? throw new InvalidOperationException("The database isn't there yet.");

    /// <summary>The folder of the cluster's files.</summary>
    public string ClusterFolder => Path.Combine(DataFolder, "postgres");

    private string DataFolder => Path.Combine(_folder, "data");

    private static string Workspaces => Path.Combine(AppContext.BaseDirectory, "workspaces");

    /// <summary>One process, and in it its PostgreSQL: as it is deployed by default.</summary>
    public static Task<Installation> StartAsync(Contender contender, TimeProvider time, CancellationToken cancellationToken) =>
        MakeAsync(contender, time, async installation =>
        {
            var process = contender == Contender.CrmGrains
                ? installation.Start("crmgrains", ["serve", "--roles", "all", "--data", installation.DataFolder, "--workspaces", Workspaces,
                    "--urls", "http://127.0.0.1:{port}"])
                : installation.Start("CrmGrains.Benchmarks",
                    ["baseline-server", contender.ToString(), "--port", "{port}", "--data", installation.DataFolder]);
            await process.ReadyAsync(cancellationToken);
            installation.Connect();
            if (contender == Contender.CrmGrains)
                await installation.HoldAccountAsync(cancellationToken);
        });

    /// <summary>A PostgreSQL, started by the benchmark, and one process with some roles on it. More are added later.</summary>
    /// <param name="roles">Of the first process.</param>
    /// <param name="settings">Of PostgreSQL, beside those of the house.</param>
    /// <param name="time">For everybody's patience.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task<Installation> StartApartAsync(
        string roles, IReadOnlyDictionary<string, string> settings, TimeProvider time, CancellationToken cancellationToken) =>
        MakeAsync(Contender.CrmGrains, time, async installation =>
        {
            var options = new EmbeddedPostgresOptions { DataFolder = installation.DataFolder };
            foreach (var (name, value) in settings)
                options.Settings[name] = value;
            installation._postgres = await EmbeddedPostgres.StartAsync(options, NullLogger.Instance, time, cancellationToken);
            installation.Connect();
            await installation.Add(roles).ReadyAsync(cancellationToken);
        });

    /// <summary>Starts another process; it isn't ready yet.</summary>
    public RunningProcess Add(string roles)
    {
        var connection = _postgres?.ConnectionString ?? throw new InvalidOperationException("PostgreSQL belongs to the first process.");
        return Start("crmgrains", ["serve", "--roles", roles, "--postgres", connection, "--workspaces", Workspaces,
            "--urls", "http://127.0.0.1:{port}"]);
    }

    /// <summary>Removes a process that was killed, or stops it.</summary>
    public async Task RemoveAsync(RunningProcess process)
    {
        await process.DisposeAsync();
        _processes.Remove(process);
    }

    /// <summary>Takes the CRM account in the outbox's place; a silo must run.</summary>
    public async Task HoldAccountAsync(CancellationToken cancellationToken) =>
        _account ??= await HeldAccount.TakeAsync(Database, _time, cancellationToken);

    /// <summary>The end of what the processes said.</summary>
    public string Output() => string.Join('\n', _processes.Select(process => process.Output()));

    public async ValueTask DisposeAsync()
    {
        if (_account is not null)
            await _account.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        await Task.WhenAll(_processes.Select(process => process.DisposeAsync().AsTask()));
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<Installation> MakeAsync(Contender contender, TimeProvider time, Func<Installation, Task> start)
    {
        var folder = Directory.CreateTempSubdirectory("crmgrains-bench-").FullName;
        // PostgreSQL runs as another user where we are root, and has to get into its folder below.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var installation = new Installation(contender, folder, time);
        try
        {
            await start(installation);
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    private RunningProcess Start(string program, string[] arguments)
    {
        var process = RunningProcess.Start(program, arguments, _folder, _time);
        _processes.Add(process);
        return process;
    }

    private void Connect()
    {
        if (PostmasterFile.Read(ClusterFolder) is not { SocketFolder: { } socket } file)
            throw new BenchmarkException($"{Contender} has no PostgreSQL in {DataFolder}.");
        PostmasterId = file.Pid;
        _database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
        {
            Host = socket, Database = "crmgrains", Username = "postgres", ApplicationName = "benchmark",
            SslMode = SslMode.Disable, GssEncryptionMode = GssEncryptionMode.Disable, CommandTimeout = 600,
        });
    }
}
