using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmGrains.Core.Configuration;
using CrmGrains.IntegrationTests.Engine;
using CrmGrains.Intake.Drift;
using CrmGrains.Intake.Loop;
using CrmGrains.Intake.Silence;
using CrmGrains.Runtime.Silos;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CrmGrains.IntegrationTests.Watch;

/// <summary>A source of JSON leads, and silos that take them in. Its configuration may be changed at any time.</summary>
internal sealed class WatchedSource : IWorkspaces, IAsyncDisposable
{
    public const string Good = """{"id":"r","at":"2026-01-05T12:00:00Z","person":{"mail":"ann@example.com","plan":"basic"},"extra":{"size":3}}""";

    private readonly Meters _meters = new();
    private int _sent;

    private WatchedSource(TestCluster cluster, int queue) => (Cluster, Queue) = (cluster, queue);

    public TestCluster Cluster { get; }

    public int Queue { get; }

    /// <summary>What is in force.</summary>
    public SourceConfiguration Source { get; set; } = new()
    {
        Name = "form",
        Format = "json",
        System = "form",
        Verification = new VerificationConfiguration { Scheme = "hmac", Secrets = [] },
        EventType = "custom.seen",
        Map = new Dictionary<string, string>
        {
            ["contact.email"] = "person.mail", ["occurred_at"] = "at", ["lead.urgency"] = "person.plan",
        },
    };

    public static async Task<WatchedSource> CreateAsync()
    {
        var cluster = await TestCluster.CreateAsync();
        return new WatchedSource(cluster, await cluster.QueueAsync("form"));
    }

    public WorkspaceConfiguration? Find(string name) => name != TestCluster.Workspace ? null : new()
    {
        Name = name, Hash = "0", Sources = new Dictionary<string, SourceConfiguration> { [Source.Name] = Source },
    };

    /// <summary>A silo with a sentinel of its own, as a process has them.</summary>
    public WatchedSilo Silo(int learnFrom = 5)
    {
        var options = Options.Create(new DriftOptions { LearnFrom = learnFrom });
        var sentinel = new DriftSentinel(this, options);
        var wakeups = new Wakeups(TimeProvider.System);
        var keeper = new DriftKeeper(
            sentinel, this, Cluster.Database, wakeups, new DriftMetrics(_meters), options, TimeProvider.System, NullLogger<DriftKeeper>.Instance);
        var arrivals = new SourceArrivals();
        var silence = new SilenceKeeper(
            arrivals, this, Cluster.Database, wakeups, new SilenceMetrics(_meters), Options.Create(new SilenceOptions()), TimeProvider.System,
            NullLogger<SilenceKeeper>.Instance);
        return new WatchedSilo(
            Cluster.Silo(turns: new IntakeTurns(this, sentinel, arrivals, new IntakeMetrics(_meters), TimeProvider.System)), keeper, silence);
    }

    /// <summary>Stores a delivery, as a gateway does, with an id of its own.</summary>
    public async Task<Guid> SendAsync(string body = Good)
    {
        var id = Guid.CreateVersion7();
        var record = JsonNode.Parse(body)?.AsObject() ?? [];
        record["id"] = $"r{Interlocked.Increment(ref _sent)}";
        await Cluster.Database.ExecuteAsync("""
            INSERT INTO raw_event (event_id, partition, delivery_id, headers, verification, body, body_hash)
            VALUES ($1, $2, $3, '{}', 'none', $4, ''::bytea)
            """, id, Queue, $"{id}", JsonSerializer.SerializeToUtf8Bytes(record));
        await Cluster.Database.ExecuteAsync(
            "INSERT INTO message (partition, workspace, grain, kind, event_id, body) VALUES ($1, 'acme', '', 'delivery_received', $2, '{}')", Queue, id);
        return id;
    }

    public async Task<List<Guid>> SendAsync(int count, string body = Good)
    {
        var ids = new List<Guid>();
        for (var sent = 0; sent < count; sent++)
            ids.Add(await SendAsync(body));
        return ids;
    }

    /// <summary>Outcomes in the ledger of the queue, in order; for those that became events of customers there is none.</summary>
    public Task<List<string>> OutcomesAsync() =>
        Cluster.Database.ListAsync<string>("SELECT outcome FROM ledger WHERE partition = $1 ORDER BY position", Queue);

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        _meters.Dispose();
    }

    private sealed class Meters : IMeterFactory
    {
        private readonly List<Meter> _made = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            _made.Add(meter);
            return meter;
        }

        public void Dispose() => _made.ForEach(meter => meter.Dispose());
    }
}

/// <summary>A silo and what runs beside its batches.</summary>
internal sealed record WatchedSilo(TestSilo Silo, DriftKeeper Keeper, SilenceKeeper Silence)
{
    public async Task RunAsync()
    {
        await Silo.RunUntilIdleAsync();
        await Keeper.TickAsync(CancellationToken.None);
        await Silo.RunUntilIdleAsync();
    }
}
