using System.Net;
using CrmGrains.FaultProxy;
using CrmGrains.Faults.Versions;
using CrmGrains.Host.Serving;
using CrmGrains.Sandbox;
using Npgsql;

namespace CrmGrains.Faults.Cluster;

/// <summary>PostgreSQL, the stand-in CRM, a gateway and silos, each a process, and what can be done to them.</summary>
internal sealed class FaultCluster : IAsyncDisposable
{
    private readonly Reaper _reaper;
    private readonly TmpfsFolder? _tmpfs;
    private readonly StatementRecorder? _recorder;
    private readonly string _postgres;
    private Dictionary<string, string> _environment = [];
    private ServedProcess? _sandbox;
    private ServedProcess? _gateway;

    private FaultCluster(
        string folder, Reaper reaper, TmpfsFolder? tmpfs, PostgresServer? server, StatementRecorder? recorder, string postgres)
    {
        (Folder, _reaper, _tmpfs, Server, _recorder, _postgres) = (folder, reaper, tmpfs, server, recorder, postgres);
        Database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server?.Superuser() ?? postgres)
        {
            ApplicationName = "faults", MaxPoolSize = 3, Timeout = 5, CommandTimeout = 60,
        });
    }

    /// <summary>Logs and data; removed at the end unless it is to be kept.</summary>
    public string Folder { get; }

    /// <summary>The run's own server; null where it was given one, to which not everything may be done.</summary>
    public PostgresServer? Server { get; }

    /// <summary>Held by the fault that has the server.</summary>
    public SemaphoreSlim ServerTurn { get; } = new(1, 1);

    /// <summary>The disk of the server's data, where it is a small one of its own.</summary>
    public TmpfsFolder? Disk => _tmpfs;

    /// <summary>For looking, and for what an operator may do in SQL.</summary>
    public NpgsqlDataSource Database { get; }

    /// <summary>As the hosts connect.</summary>
    public string ConnectionString => _postgres;

    /// <summary>What the hosts prepared, where that is noted.</summary>
    public IReadOnlyList<PreparedStatement> Recorded => _recorder?.Statements ?? [];

    /// <summary>What every host reads.</summary>
    public string WorkspaceFile => Path.Combine(Folder, "workspaces", $"{Workspace.Name}.yaml");

    public IReadOnlyList<SiloSlot> Silos { get; private set; } = [];

    public ServedProcess Sandbox => _sandbox ?? throw new ClusterException("The sandbox isn't running.");

    public ServedProcess Gateway => _gateway ?? throw new ClusterException("The gateway isn't running.");

    public static async Task<FaultCluster> StartAsync(ClusterOptions options, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("crmgrains-faults-").FullName;
        // PostgreSQL runs as another user where we are root, and has to get into its folder below.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var reaper = new Reaper(folder);
        FaultCluster? cluster = null;
        try
        {
            var data = Path.Combine(folder, "data");
            Directory.CreateDirectory(data);
            var tmpfs = options is { Postgres: null, DiskBytes: { } bytes }
                ? await TmpfsFolder.TryMountAsync(data, bytes, reaper, cancellationToken)
                : null;
            var server = options.Postgres is null
                ? await PostgresServer.StartAsync(data, Path.Combine(folder, "postgres.log"), reaper, cancellationToken)
                : null;
            var recorder = server is not null && options.IsRecorded ? new StatementRecorder(server.Port) : null;
            cluster = new FaultCluster(folder, reaper, tmpfs, server, recorder, server?.ConnectionString ?? options.Postgres ?? "");
            await cluster.StartHostsAsync(options, cancellationToken);
            return cluster;
        }
        catch
        {
            if (cluster is not null)
                await cluster.DisposeAsync();
            else
                reaper.Dispose();
            throw;
        }
    }

    /// <summary>What is needed to explain a failure outlives the run.</summary>
    public void KeepFolder() => _reaper.Keep();

    /// <summary>Starts a host on the cluster's database.</summary>
    /// <param name="link">Its way there; null: directly.</param>
    /// <param name="assembly">The <c>.dll</c> of another build than ours.</param>
    public Task<ServedProcess> StartHostAsync(
        string name, string roles, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken,
        TcpProxy? link = null, string? assembly = null) =>
        ServedProcess.StartAsync(
            assembly ?? typeof(ServeOptions).Assembly.Location,
            [
                "serve", "--roles", roles, "--urls", "http://127.0.0.1:0", "--postgres", ConnectionStringBy(link),
                "--workspaces", Path.Combine(Folder, "workspaces"),
            ],
            _environment.Concat(environment).ToDictionary(), Path.Combine(Folder, $"{name}.log"), _reaper, cancellationToken);

    /// <summary>Processes that ended although nobody ended them; asked for when every fault is over.</summary>
    public IReadOnlyList<string> Died() =>
    [
        .. Silos.Where(silo => !silo.IsRunning).Select(silo => $"{silo.Name} has ended. See {silo.Name}.log."),
        .. Gateway.IsRunning ? [] : (string[])[$"The gateway has ended:\n{Gateway.Tail()}"],
        .. Sandbox.IsRunning ? [] : (string[])[$"The sandbox has ended:\n{Sandbox.Tail()}"],
    ];

    /// <summary>Everything runs again as at the start, whatever was done to it.</summary>
    public async Task HealAsync(CancellationToken cancellationToken)
    {
        if (Disk is not null)
            Disk.MakeRoom();
        if (Server is not null)
            await Server.StartAsync(cancellationToken);
        foreach (var silo in Silos)
        {
            if (silo.IsRunning)
                silo.Process.Thaw();
            if (silo.Link is { } link)
                (link.Faults, link.RefusesNew) = (LinkFaults.None, false);
            await silo.StartAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // All at once: each finishes what it has begun.
            await Task.WhenAll(Silos.Select(silo => silo.DisposeAsync().AsTask()).Append(EndAsync(_gateway)));
            await EndAsync(_sandbox);
            await Database.DisposeAsync();
            if (_recorder is not null)
                await _recorder.DisposeAsync();
            if (Server is not null)
                await Server.DisposeAsync();
        }
        finally
        {
            ServerTurn.Dispose();
            _reaper.Dispose();
        }
    }

    private async Task StartHostsAsync(ClusterOptions options, CancellationToken cancellationToken)
    {
        Workspace.Write(Path.Combine(Folder, "workspaces"));
        _sandbox = await ServedProcess.StartAsync(
            typeof(SandboxServer).Assembly.Location,
            ["--urls", "http://127.0.0.1:0", "--smtpPort", "0", "--burstlimit", "100000", "--searchlimit", "10000", "--searchlag", "00:00:00"],
            _environment, Path.Combine(Folder, "sandbox.log"), _reaper, cancellationToken);
        _environment = Workspace.Environment(_sandbox.Url);
        // The first one brings the schema, so that the others need not wait for each other.
        _gateway = await StartHostAsync(
            "gateway", "gateway,console", new Dictionary<string, string>(), cancellationToken, link: null, options.Assembly);
        Silos = [.. Enumerable.Range(1, options.Silos).Select(number => new SiloSlot(
            number, LinkTo(Server), (silo, environment, stop) => StartHostAsync(silo.Name, "silo", environment, stop, silo.Link)))];
        await Task.WhenAll(Silos.Select(silo => silo.StartAsync(cancellationToken)));
    }

    private string ConnectionStringBy(TcpProxy? link) =>
        (link?.Port ?? _recorder?.Port) is { } port
            ? new NpgsqlConnectionStringBuilder(_postgres) { Port = port }.ConnectionString
            : _postgres;

    private static TcpProxy? LinkTo(PostgresServer? server) =>
        server is null
            ? null
            : TcpProxy.Start(new IPEndPoint(IPAddress.Loopback, server.Port), TimeProvider.System, Random.Shared.NextDouble);

    private static async Task EndAsync(ServedProcess? process)
    {
        if (process is not null)
            await process.DisposeAsync();
    }
}

/// <summary>What a cluster is made of.</summary>
internal sealed record ClusterOptions
{
    public int Silos { get; init; } = 3;

    /// <summary>A server of somebody's own; null starts one.</summary>
    public string? Postgres { get; init; }

    /// <summary>The <c>.dll</c> of another build than ours, for the gateway.</summary>
    public string? Assembly { get; init; }

    /// <summary>Whether the statements of the hosts are noted.</summary>
    public bool IsRecorded { get; init; }

    /// <summary>The size of the server's disk, where it shall have a small one of its own and the machine allows that.</summary>
    public long? DiskBytes { get; init; }
}
