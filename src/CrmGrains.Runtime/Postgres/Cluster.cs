using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmGrains.Runtime.Postgres;

/// <summary>A PostgreSQL cluster in a data folder that we own, ready to be served: made if need be, orphans gone.</summary>
internal sealed class Cluster
{
    private const string Superuser = "postgres";
    private const string Name = "crmgrains";  // of the database, and of the plain role that owns it

    // A replay of the longest log that the settings allow takes less.
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(20);

    private readonly string _folder;
    private readonly EmbeddedPostgresOptions _options;
    private readonly PostgresBinaries _binaries;
    private readonly ServerUser _user;
    private readonly SocketFolder _socket;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    private Cluster(
        string folder, EmbeddedPostgresOptions options, PostgresBinaries binaries, ServerUser user, SocketFolder socket,
        IReadOnlyDictionary<string, string> settings, ILogger logger, TimeProvider time)
    {
        (_folder, _options, _binaries, _user, _socket, _settings) = (folder, options, binaries, user, socket, settings);
        (_logger, _time) = (logger, time);
        Log = new ServerLog(LogIn(Path.GetDirectoryName(folder) ?? "/"));
    }

    public ServerLog Log { get; }

    public string ConnectionString => ConnectionTo(Name, Name);

    /// <param name="dataFolder">Its physical path: links resolved, as the processes of a server show it.</param>
    public static async Task<Cluster> OpenAsync(
        string dataFolder, EmbeddedPostgresOptions options, ILogger logger, TimeProvider time, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(dataFolder, "postgres");
        var user = await ServerUser.FindAsync(dataFolder, folder, cancellationToken);
        var binaries = await PostgresBinaries.FindAsync(NewCluster.MajorOf(folder), cancellationToken);
        if (NewCluster.MajorOf(folder) is null)
        {
            PostgresLog.MakingCluster(logger, folder, binaries.Major);
            await NewCluster.MakeAsync(folder, binaries, user, isDurable: !IsOff(options, "fsync"), cancellationToken);
        }

        var socket = SocketFolder.Choose(dataFolder, PostmasterFile.Read(folder)?.SocketFolder);
        var lz4 = await Command.RunAsync(
            user.Runs(binaries.Postgres, "-D", folder, "-c", "wal_compression=lz4", "-C", "wal_compression"), cancellationToken);
        var settings = PostgresSettings.For(socket.Path, hasLz4: lz4.ExitCode == 0, options.Settings);
        return new Cluster(folder, options, binaries, user, socket, settings, logger, time);
    }

    /// <summary>Starts the server, and returns when it takes connections.</summary>
    /// <exception cref="EmbeddedPostgresException">It ended again, or took too long; the message quotes its log.</exception>
    public async Task<ServerProcess> StartAsync(CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        Log.Bound();
        await new Orphans(_folder, _logger, _time).EndAsync(_options.ShutdownTimeout, cancellationToken);
        await _socket.ClearAsync(_user, cancellationToken);
        var server = ServerProcess.Start(
            _user.Runs([_binaries.Postgres, "-D", _folder, .. _settings.SelectMany(s => (string[])["-c", $"{s.Key}={s.Value}"])]), Log);
        try
        {
            while (PostmasterFile.Read(_folder) is not { IsReady: true } file || file.Pid != server.Id)
            {
                if (server.HasExited) throw new EmbeddedPostgresException($"PostgreSQL didn't start in {_folder}. The end of {Log.Path}:\n{Log.Tail()}");
                if (_time.GetElapsedTime(start) > LongestStart)
                {
                    throw new EmbeddedPostgresException($"PostgreSQL in {_folder} wasn't ready after {LongestStart}. The end of {Log.Path}:\n{Log.Tail()}");
                }

                await Task.Delay(PollEvery, _time, cancellationToken);
            }

            PostgresLog.Started(_logger, _folder, _binaries.Major, server.Id, _time.GetElapsedTime(start).TotalMilliseconds);
            return server;
        }
        catch
        {
            await server.StopAsync(_options.ShutdownTimeout, _time);
            server.Dispose();
            throw;
        }
    }

    /// <summary>Makes the role and its database where they are missing, one at a time, so a crash in between is made good.</summary>
    public async Task MakeDatabaseAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(ConnectionTo("postgres", Superuser));
        await connection.OpenAsync(cancellationToken);
        await MakeAsync($"SELECT 1 FROM pg_roles WHERE rolname = '{Name}'", $"CREATE ROLE {Name} LOGIN");
        await MakeAsync($"SELECT 1 FROM pg_database WHERE datname = '{Name}'", $"CREATE DATABASE {Name} OWNER {Name}");

        async Task MakeAsync(string exists, string create)
        {
            await using var question = new NpgsqlCommand(exists, connection);
            if (await question.ExecuteScalarAsync(cancellationToken) is not null) return;
            await using var creation = new NpgsqlCommand(create, connection);
            await creation.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Stops the server and tidies up after it.</summary>
    /// <param name="server">Null where none runs at the moment.</param>
    public async Task StopAsync(ServerProcess? server)
    {
        if (server is not null) await server.StopAsync(_options.ShutdownTimeout, _time);
        server?.Dispose();
        _socket.Remove();
        PostgresLog.Stopped(_logger, _folder);
    }

    private static string LogIn(string dataFolder) => Path.Combine(dataFolder, "postgres.log");

    private static bool IsOff(EmbeddedPostgresOptions options, string setting) =>
        options.Settings.TryGetValue(setting, out var value) && value == "off";

    private string ConnectionTo(string database, string role) => new NpgsqlConnectionStringBuilder
    {
        Host = _socket.Path,
        Port = int.Parse(_settings["port"], CultureInfo.InvariantCulture),
        Database = database,
        Username = role,
        SslMode = SslMode.Disable,  // a socket has neither of the two; not asking saves a round trip
        GssEncryptionMode = GssEncryptionMode.Disable,
        Pooling = role == Name,
    }.ConnectionString;
}
