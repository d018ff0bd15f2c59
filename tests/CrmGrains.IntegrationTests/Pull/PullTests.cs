using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Drift;
using CrmGrains.Intake.Loop;
using CrmGrains.Intake.Pull;
using CrmGrains.Intake.Silence;
using CrmGrains.IntegrationTests.Databases;
using CrmGrains.IntegrationTests.Engine;
using CrmGrains.IntegrationTests.Faults;
using CrmGrains.Runtime.Silos;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CrmGrains.IntegrationTests.Pull;

public sealed class PullTests : IAsyncLifetime, IDisposable
{
    private readonly AirtableApi _api = new();
    private readonly Meters _meters = new();
    private TestDatabase? _database;
    private PayloadServer? _server;
    private TestSilo? _silo;
    private int _queue;

    private NpgsqlDataSource Database => (_database ?? throw new InvalidOperationException("Not started.")).DataSource;

    private PayloadServer Server => _server ?? throw new InvalidOperationException("Not started.");

    private TestSilo Silo => _silo ?? throw new InvalidOperationException("Not started.");

    [Fact]
    public async Task A_call_has_every_payload_stored_once_and_in_order_page_by_page()
    {
        Server.Count = 120;
        await CallAsync("1");
        await PullAllAsync();

        Assert.Equal(Enumerable.Range(1, 120).Select(number => $"achA:{number}"), await StoredAsync());
        Assert.Equal(["achA:1", "achA:51", "achA:101"], Server.Asked);
        Assert.Equal(121, await CursorAsync());

        Server.Count = 121;
        await CallAsync("2");
        await PullAllAsync();
        Assert.Equal("achA:121", (await StoredAsync())[^1]);
        Assert.Equal("achA:121", Server.Asked.Last());
    }

    [Fact]
    public async Task What_was_fetched_becomes_events()
    {
        Server.Count = 3;
        await CallAsync("1");
        await PullAllAsync();
        await Silo.RunUntilIdleAsync();

        Assert.Equal(
            ["base:crm.record.changed:appA:1:tblA:rec1:changed", "base:crm.record.changed:appA:2:tblA:rec2:changed", "base:crm.record.changed:appA:3:tblA:rec3:changed"],
            await Database.ListAsync<string>("SELECT idempotency_key FROM event ORDER BY idempotency_key"));
    }

    [Theory]
    [InlineData("message", "Statement")]
    [InlineData("message", "Commit")]
    [InlineData("pull", "Commit")]
    public async Task A_page_that_could_not_be_committed_is_fetched_again_and_is_there_once(string table, string at)
    {
        Server.Count = 60;
        await CallAsync("1");
        await FailingTable.PrepareAsync(Database);
        await FailingTable.FailAsync(Database, table, FailingTable.SerializationFailure, Enum.Parse<RaisedAt>(at), most: 1);

        await Assert.ThrowsAsync<PostgresException>(PullAllAsync);
        Assert.Equal(1, await CursorAsync());
        Assert.Empty(await StoredAsync());
        await FailingTable.RecoverAsync(Database, table);
        await PullAllAsync();

        Assert.Equal(Enumerable.Range(1, 60).Select(number => $"achA:{number}"), await StoredAsync());
    }

    [Fact]
    public async Task Two_processes_that_fetch_the_same_page_store_it_once()
    {
        Server.Count = 200;
        await CallAsync("1");

        await Task.WhenAll(PullAllAsync(), PullAllAsync(), PullAllAsync());
        await PullAllAsync();

        Assert.Equal(Enumerable.Range(1, 200).Select(number => $"achA:{number}"), await StoredAsync());
        Assert.Equal(200, await Database.ValueAsync<long>("SELECT count(*) FROM message WHERE kind = 'delivery_received'"));
    }

    [Fact]
    public async Task A_call_that_comes_while_the_last_page_is_fetched_has_another_one_fetched()
    {
        Server.Count = 1;
        await CallAsync("1");
        Server.Meanwhile = async () =>
        {
            Server.Meanwhile = null;
            Server.Count = 2;
            await CallAsync("2");
        };
        await PullAllAsync();

        Assert.Equal(["achA:1", "achA:2"], await StoredAsync());
    }

    [Fact]
    public async Task After_too_many_calls_a_base_is_left_alone_for_half_a_minute_whoever_calls()
    {
        Server.Count = 1;
        Server.Refusals.Enqueue(HttpStatusCode.TooManyRequests);
        await CallAsync("1");
        await PullAllAsync();
        await CallAsync("2");
        await PullAllAsync();

        Assert.Single(Server.Asked);
        Assert.True(await Database.ValueAsync<bool>("SELECT due_at > now() + interval '20 seconds' AND due_at <= now() + interval '30 seconds' FROM pull"));
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Found)]
    public async Task A_refusal_is_noted_and_tried_again_later(HttpStatusCode status)
    {
        Server.Count = 1;
        Server.Refusals.Enqueue(status);
        await CallAsync("1");
        await PullAllAsync();

        Assert.Equal(1, await Database.ValueAsync<int>("SELECT attempts FROM pull WHERE error IS NOT NULL AND due_at > now()"));
        await Database.ExecuteAsync("UPDATE pull SET due_at = now()");
        await PullAllAsync();
        Assert.Equal(["achA:1"], await StoredAsync());
        Assert.Equal(0, await Database.ValueAsync<int>("SELECT attempts FROM pull WHERE error IS NULL"));
    }

    [Fact]
    public async Task A_webhook_that_is_gone_is_left_until_it_calls_again()
    {
        Server.Count = 1;
        Server.Refusals.Enqueue(HttpStatusCode.NotFound);
        await CallAsync("1");
        await PullAllAsync();
        Assert.True(await Database.ValueAsync<bool>("SELECT due_at = 'infinity' FROM pull"));

        await CallAsync("2");
        await PullAllAsync();
        Assert.Equal(["achA:1"], await StoredAsync());
    }

    [Fact]
    public async Task What_the_sender_does_not_keep_any_more_is_passed_over()
    {
        (Server.Count, Server.Oldest) = (60, 41);
        await CallAsync("1");
        await PullAllAsync();

        Assert.Equal(Enumerable.Range(41, 20).Select(number => $"achA:{number}"), await StoredAsync());
        Assert.Equal(61, await CursorAsync());
    }

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _server = await PayloadServer.StartAsync();
        var workspaces = new BaseWorkspace();
        _silo = new TestSilo(
            _database.ConnectionString, workspaces, new SiloOptions { StealAfter = TimeSpan.Zero },
            new IntakeTurns(
                workspaces, new DriftSentinel(workspaces, Options.Create(new DriftOptions())), new SourceArrivals(), new IntakeMetrics(_meters),
                TimeProvider.System));
        _queue = await Database.ValueAsync<int>("""
            INSERT INTO partition (id, kind, workspace, source) VALUES (nextval('intake_partition'), 'intake_queue', 'acme', 'base') RETURNING id
            """);
    }

    public async Task DisposeAsync()
    {
        if (_silo is not null)
            await _silo.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
    }

    public void Dispose()
    {
        _api.Dispose();
        _meters.Dispose();
    }

    // A call as the gateway stores it, handled by the silo.
    private async Task CallAsync(string id)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"base":{"id":"appA"},"webhook":{"id":"achA"},"timestamp":"{{id}}"}""");
        await Database.ExecuteAsync("""
            WITH stored AS (
                INSERT INTO raw_event (event_id, partition, delivery_id, headers, verification, body, body_hash)
                VALUES ($1, $2, $3, '{}', 'airtable', $4, $5))
            INSERT INTO message (partition, workspace, grain, kind, event_id, body) VALUES ($2, 'acme', '', 'delivery_received', $1, '{}')
            """, Guid.CreateVersion7(), _queue, $"ping:achA:{id}", body, SHA256.HashData(body));
        await Silo.RunUntilIdleAsync();
    }

    private async Task PullAllAsync()
    {
        var access = new PullAccess(_ => Server.Url, _ => PayloadServer.Token);
        var options = new PullOptions { BetweenPages = TimeSpan.Zero };
        var puller = new Puller(
            _api, new BaseWorkspace(), access, options, new Wakeups(TimeProvider.System), TimeProvider.System, () => 1, NullLogger.Instance);
        await using var connection = await Database.OpenConnectionAsync();
        while (await puller.RunAsync(connection, CancellationToken.None) > 0)
        {
        }
    }

    private Task<List<string>> StoredAsync() => Database.ListAsync<string>(
        "SELECT delivery_id FROM raw_event WHERE delivery_id NOT LIKE 'ping:%' ORDER BY split_part(delivery_id, ':', 2)::int");

    private Task<long> CursorAsync() => Database.ValueAsync<long>("SELECT cursor FROM pull");

    private sealed class BaseWorkspace : IWorkspaces
    {
        private static readonly WorkspaceConfiguration Acme = new()
        {
            Name = "acme",
            Hash = "0",
            Sources = new Dictionary<string, SourceConfiguration>
            {
                ["base"] = new()
                {
                    Name = "base", Format = "airtable", System = "airtable", Verification = new() { Scheme = "airtable", Secrets = [] },
                    Map = new Dictionary<string, string> { ["contact.email"] = "fldEmail" },
                    Pull = new PullConfiguration("https://api.airtable.com", "env:AIRTABLE_TOKEN"),
                },
            },
        };

        public WorkspaceConfiguration? Find(string name) => name == "acme" ? Acme : null;
    }

    private sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
