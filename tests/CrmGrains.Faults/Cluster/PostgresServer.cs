using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using CrmGrains.Runtime.Postgres;
using Npgsql;

namespace CrmGrains.Faults.Cluster;

/// <summary>
/// A durable PostgreSQL of the run's own, which nobody restarts but the run: the hosts reach it by TCP on loopback with a password, the run
/// itself by a socket in a private folder.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>The role that the hosts have.</summary>
    public const string Role = "crmgrains";

    public const int MaxConnections = 120;

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly string _cluster;
    private readonly PostgresBinaries _binaries;
    private readonly ServerUser _user;
    private readonly SocketFolder _socket;
    private readonly ServerLog _log;
    private readonly Reaper _reaper;
    private readonly string _password = RandomNumberGenerator.GetHexString(32);
    private ServerProcess? _server;

    private PostgresServer(
        string folder, string cluster, PostgresBinaries binaries, ServerUser user, SocketFolder socket, string log, Reaper reaper)
    {
        (Folder, _cluster, _binaries, _user, _socket, _reaper) = (folder, cluster, binaries, user, socket, reaper);
        _log = new ServerLog(log);
        Port = FreePort();
    }

    /// <summary>What the server writes to.</summary>
    public string Folder { get; }

    public int Port { get; }

    public bool IsRunning => _server is { HasExited: false };

    /// <summary>The postmaster; the other processes of the server are its children.</summary>
    public int Postmaster => _server?.Id ?? throw new ClusterException("PostgreSQL isn't running.");

    /// <summary>As the hosts connect.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1", Port = Port, Database = Role, Username = Role, Password = _password, SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    /// <summary>As its superuser, for whom some connections are kept free.</summary>
    public string Superuser(string database = Role) => new NpgsqlConnectionStringBuilder
    {
        Host = _socket.Path, Port = Port, Database = database, Username = "postgres", SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable, ApplicationName = "faults", Pooling = database == Role,
    }.ConnectionString;

    /// <summary>Makes a cluster and starts it.</summary>
    /// <param name="folder">Where its files go.</param>
    /// <param name="log">The file of its output, which had better not lie on a disk that runs full.</param>
    /// <param name="reaper">Ends it when the run is gone.</param>
    public static async Task<PostgresServer> StartAsync(string folder, string log, Reaper reaper, CancellationToken cancellationToken)
    {
        var cluster = Path.Combine(folder, "postgres");
        var user = await ServerUser.FindAsync(folder, cluster, cancellationToken);
        var binaries = await PostgresBinaries.FindAsync(clusterMajor: null, cancellationToken);
        await NewCluster.MakeAsync(cluster, binaries, user, isDurable: false, cancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(cluster, "pg_hba.conf"), "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n", cancellationToken);
        var server = new PostgresServer(folder, cluster, binaries, user, SocketFolder.Choose(folder, leftover: null), log, reaper);
        try
        {
            await server.StartAsync(cancellationToken);
            await server.MakeDatabaseAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again, and returns when it takes connections.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (IsRunning)
            return;
        Forget();
        var began = TimeProvider.System.GetTimestamp();
        await _socket.ClearAsync(_user, cancellationToken);
        PostmasterFile.MarkStale(_cluster);
        _server = ServerProcess.Start(_user.Runs(
            [_binaries.Postgres, "-D", _cluster,
             .. Settings().SelectMany(setting => (string[])["-c", $"{setting.Name}={setting.Value}"])]), _log);
        _reaper.Started(_server.Id);
        while (PostmasterFile.Read(_cluster) is not { IsReady: true } file || file.Pid != _server.Id)
        {
            if (_server.HasExited || TimeProvider.System.GetElapsedTime(began) > LongestStart)
                throw new ClusterException($"PostgreSQL didn't start:\n{_log.Tail()}");
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Stops it as <c>pg_ctl stop</c> does in its modes fast and immediate, by the same signals.</summary>
    public async Task StopAsync(bool isImmediate)
    {
        if (_server is { HasExited: false } server)
        {
            Signal.Send(server.Id, isImmediate ? Signal.ImmediateShutdown : Signal.FastShutdown);
            await server.WaitAsync(CancellationToken.None).WaitAsync(LongestStop);
        }

        Forget();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(isImmediate: true);
        _socket.Remove();
    }

    /// <summary>The end of its log.</summary>
    public string Tail() => _log.Tail();

    private void Forget()
    {
        if (_server is null)
            return;
        _reaper.Ended(_server.Id);
        _server.Dispose();
        _server = null;
    }

    private (string Name, string Value)[] Settings() =>
    [
        ("listen_addresses", "127.0.0.1"), ("port", Port.ToString(CultureInfo.InvariantCulture)),
        ("unix_socket_directories", $"\"{_socket.Path}\""), ("unix_socket_permissions", "0700"),
        ("max_connections", MaxConnections.ToString(CultureInfo.InvariantCulture)), ("shared_buffers", "128MB"), ("max_wal_size", "256MB"),
        ("fsync", "on"), ("full_page_writes", "on"), ("synchronous_commit", "on"), ("jit", "off"), ("max_parallel_workers_per_gather", "0"),
        ("autovacuum_naptime", "10s"), ("log_min_messages", "warning"), ("log_line_prefix", "%m [%p] %q%a "), ("log_timezone", "UTC"),
        ("timezone", "UTC"),
    ];

    private async Task MakeDatabaseAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(Superuser("postgres"));
        await connection.OpenAsync(cancellationToken);
        foreach (var statement in (string[])[$"CREATE ROLE {Role} LOGIN PASSWORD '{_password}'", $"CREATE DATABASE {Role} OWNER {Role}"])
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    // A port that nobody has at the moment. Nobody else is told it, so nobody else takes it in the second until it is used.
    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket.LocalEndPoint is IPEndPoint bound ? bound.Port : throw new ClusterException("There is no free port.");
    }
}
