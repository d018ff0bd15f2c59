using System.Diagnostics;
using CrmGrains.Runtime.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CrmGrains.IntegrationTests.Databases;

/// <summary>
/// The PostgreSQL of a test run: an embedded one in a temporary folder, started when the first test wants it, or the one
/// that <c>CRMGRAINS_TEST_POSTGRES</c> connects to (as a role that may create databases). <c>CRMGRAINS_TEST_FSYNC=on</c>
/// makes the embedded one durable, for measurements.
/// </summary>
internal sealed class TestServer
{
    private static readonly Lazy<Task<TestServer>> Started = new(StartAsync);

    private readonly string _admin;
    private readonly string _connectionString;
    private readonly EmbeddedPostgres? _server;  // kept, since it owns its folder while it is referenced
    private readonly SemaphoreSlim _copying = new(1);

    private TestServer(string admin, string connectionString, EmbeddedPostgres? server) =>
        (_admin, _connectionString, _server) = (admin, connectionString, server);

    public static Task<TestServer> GetAsync() => Started.Value;

    /// <summary>Connects to a database of the server as the role that the tests have.</summary>
    public string ConnectionStringOf(string database) =>
        new NpgsqlConnectionStringBuilder(_connectionString)
        {
            Database = database,
            MaxPoolSize = 20,
            ConnectionIdleLifetime = 10,  // many test classes share the server's connections
            ConnectionPruningInterval = 5,
        }.ConnectionString;

    /// <param name="template">Null for an empty database.</param>
    public async Task CreateAsync(string database, string? template)
    {
        // PostgreSQL copies a template only while nobody is connected to it, another copier included.
        await _copying.WaitAsync();
        try
        {
            await RetryWhileInUseAsync(() => ExecuteAsync($"""CREATE DATABASE "{database}" TEMPLATE "{template ?? "template0"}" OWNER "{Owner}" """));
        }
        finally
        {
            _copying.Release();
        }
    }

    public Task DropAsync(string database) => ExecuteAsync($"""DROP DATABASE IF EXISTS "{database}" WITH (FORCE)""");

    /// <summary>The name of a database that has all migrations, which is made once for each state of the scripts.</summary>
    public async Task<string> TemplateAsync()
    {
        var template = "crmgrains_template_" + MigratedTemplate.Hash;
        await using var admin = new NpgsqlConnection(_admin);
        await admin.OpenAsync();
        await using var turns = new NpgsqlCommand("SELECT pg_advisory_lock(hashtext('crmgrains_template'))", admin) { CommandTimeout = 0 };
        await turns.ExecuteNonQueryAsync();  // held until the connection closes: other runs may share the server
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", admin) { Parameters = { new() { Value = template } } };
        if (await exists.ExecuteScalarAsync() is not null) return template;

        var unfinished = template + "_new";
        await DropAsync(unfinished);
        await CreateAsync(unfinished, template: null);
        await MigratedTemplate.FillAsync(ConnectionStringOf(unfinished));
        await RetryWhileInUseAsync(() => ExecuteAsync($"""ALTER DATABASE "{unfinished}" RENAME TO "{template}" """));
        return template;
    }

    private string? Owner => new NpgsqlConnectionStringBuilder(_connectionString).Username;

    private static async Task<TestServer> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("CRMGRAINS_TEST_POSTGRES") is { Length: > 0 } named) return new TestServer(Unpooled(named), named, server: null);

        var folder = Directory.CreateTempSubdirectory("crmgrains-tests-").FullName;
        Reaper.Watch(folder, folder);
        var fsync = Environment.GetEnvironmentVariable("CRMGRAINS_TEST_FSYNC") is "on" ? "on" : "off";
        var options = new EmbeddedPostgresOptions
        {
            DataFolder = folder,
            Settings = { ["fsync"] = fsync, ["full_page_writes"] = fsync, ["max_connections"] = "300", ["shared_buffers"] = "128MB" },
        };
        var server = await EmbeddedPostgres.StartAsync(options, NullLogger.Instance, TimeProvider.System, CancellationToken.None);
        var superuser = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = "postgres" };
        return new TestServer(Unpooled(superuser.ConnectionString), server.ConnectionString, server);
    }

    private static string Unpooled(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Database = "postgres" }.ConnectionString;

    private async Task ExecuteAsync(string sql)
    {
        await using var admin = new NpgsqlConnection(_admin);
        await admin.OpenAsync();
        await using var command = new NpgsqlCommand(sql, admin) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A session that was closed a moment ago, or an autovacuum, may still be seen in the template.</summary>
    private static async Task RetryWhileInUseAsync(Func<Task> attempt)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await attempt();
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }
}
