using System.Diagnostics.Metrics;
using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Grains;
using CrmGrains.Intake.Drift;
using CrmGrains.Intake.Identity;
using CrmGrains.Intake.Loop;
using CrmGrains.Intake.Silence;
using CrmGrains.IntegrationTests.Databases;
using CrmGrains.IntegrationTests.Engine;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Silos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CrmGrains.IntegrationTests.Identity;

/// <summary>Silos that take deliveries in, on a database of a test's own: from the raw delivery to the customer's state.</summary>
internal sealed class IntakeCluster : IAsyncDisposable, IWorkspaces
{
    public const string Workspace = "acme";
    public const int Sources = 8;

    private static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    private readonly TestDatabase _database;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<TestSilo> _silos = [];
    private readonly List<int> _queues = [];
    private int _sent;

    private readonly WorkspaceConfiguration _configuration;

    private IntakeCluster(TestDatabase database, WorkspaceConfiguration configuration) => (_database, _configuration) = (database, configuration);

    public NpgsqlDataSource Database => _database.DataSource;

    public static WorkspaceConfiguration Configuration { get; } = new()
    {
        Name = Workspace,
        Hash = "0",
        Sources = Enumerable.Range(0, Sources).Select(Source).ToDictionary(source => source.Name),
        Leads = new LeadRequirements { RequireConsent = false },
        Routing = [new RoutingRule("standard", new Condition.All([]), "sales", null)],
        Pipelines = new Dictionary<string, PipelineConfiguration> { ["sales"] = new() { Id = "1", Stage = "2" } },
        Identity = new IdentityConfiguration { DomainAliases = new Dictionary<string, string> { ["old.example"] = "new.example" } },
        Crm = new CrmAccountConfiguration { Name = "main", Kind = "hubspot", Url = "http://127.0.0.1", Token = "env:NONE" },
    };

    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public static async Task<IntakeCluster> CreateAsync(WorkspaceConfiguration? configuration = null)
    {
        var cluster = new IntakeCluster(await TestDatabase.CreateAsync(), configuration ?? Configuration);
        for (var source = 0; source < Sources; source++)
        {
            cluster._queues.Add(await cluster.Database.ValueAsync<int>("""
                INSERT INTO partition (id, kind, workspace, source) VALUES (nextval('intake_partition'), 'intake_queue', $1, $2) RETURNING id
                """, Workspace, $"s{source}"));
        }

        return cluster;
    }

    public WorkspaceConfiguration? Find(string name) => name == Workspace ? _configuration : null;

    public TestSilo Silo()
    {
        var options = new SiloOptions { StealAfter = TimeSpan.Zero };
        var intake = new IntakeTurns(
            this, new DriftSentinel(this, Options.Create(new DriftOptions())), new SourceArrivals(),
            new IntakeMetrics(_services.GetRequiredService<IMeterFactory>()), TimeProvider.System);
        var silo = new TestSilo(_database.ConnectionString, this, options, intake);
        _silos.Add(silo);
        return silo;
    }

    /// <summary>Stores deliveries of sources in one transaction each source's queue in order.</summary>
    /// <param name="deliveries">The number of a source, and the event without what all have.</param>
    public async Task DeliverAsync(IReadOnlyList<(int Source, Dictionary<string, object> Event)> deliveries)
    {
        var rows = deliveries.Select(delivery =>
        {
            var number = Interlocked.Increment(ref _sent);
            var body = new Dictionary<string, object>(delivery.Event);
            body.TryAdd("type", "custom.seen");
            body.TryAdd("id", $"r{number}");
            body.TryAdd("timestamp", Noon.AddSeconds(number));
            return (Id: Guid.CreateVersion7(), Queue: _queues[delivery.Source], Delivery: $"d{number}", Body: JsonSerializer.SerializeToUtf8Bytes(body));
        }).ToList();
        await Database.ExecuteAsync("""
            WITH d AS (SELECT * FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS d (event_id, partition, delivery_id, body, place)),
            stored AS (
                INSERT INTO raw_event (event_id, partition, delivery_id, headers, verification, body, body_hash)
                SELECT event_id, partition, delivery_id, '{}', 'none', body, '' FROM d)
            INSERT INTO message (partition, workspace, grain, kind, event_id, body)
            SELECT partition, 'acme', '', 'delivery_received', event_id, '{}' FROM d ORDER BY place
            """,
            rows.ConvertAll(row => row.Id).ToArray(), rows.ConvertAll(row => row.Queue).ToArray(),
            rows.ConvertAll(row => row.Delivery).ToArray(), rows.ConvertAll(row => row.Body).ToArray());
    }

    public Task DeliverAsync(int source, params (string Name, object Value)[] parts) =>
        DeliverAsync([(source, parts.ToDictionary(part => part.Name, part => part.Value))]);

    public async Task<string> CustomerOfAsync(string kind, string value) => await Database.ValueAsync<string>(
        "SELECT customer FROM identity WHERE workspace = 'acme' AND kind = $1 AND value = $2", kind, value);

    public async Task<JsonElement> StateAsync(string customer) => JsonElement.Parse(await Database.ValueAsync<string>(
        "SELECT state FROM grain WHERE grain = $1 ORDER BY version DESC LIMIT 1", $"acme/customer/{customer}"));

    public Task<MergeOutcome> MergeAsync(string absorbed, string into) => InTransactionAsync((connection, cancellationToken) =>
        CustomerMerges.MergeAsync(connection, Workspace, absorbed, into, "person", null, cancellationToken));

    public Task<MergeOutcome> UnmergeAsync(string absorbed) => InTransactionAsync((connection, cancellationToken) =>
        CustomerMerges.UndoAsync(connection, Workspace, absorbed, cancellationToken));

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
            await silo.DisposeAsync();
        await _services.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task<MergeOutcome> InTransactionAsync(Func<NpgsqlConnection, CancellationToken, Task<MergeOutcome>> work)
    {
        await using var connection = await Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await CustomerMerges.LockAsync(connection, [Workspace], CancellationToken.None);
        var outcome = await work(connection, CancellationToken.None);
        if (outcome is MergeOutcome.Done done)
            await Mail.SendAsync(connection, [done.Message], CancellationToken.None);
        await transaction.CommitAsync();
        return outcome;
    }

    private static SourceConfiguration Source(int number) => new()
    {
        Name = $"s{number}",
        Format = "json",
        System = "hubspot",
        Verification = new VerificationConfiguration { Scheme = "hmac", Secrets = ["env:NONE"] },
        Map = new Dictionary<string, string>
        {
            ["contact.email"] = "email", ["contact.phone"] = "phone", ["contact.full_name"] = "name", ["contact.external_ids.hubspot"] = "crm_id",
            ["contact.external_ids.shop"] = "shop_id",
        },
    };
}
