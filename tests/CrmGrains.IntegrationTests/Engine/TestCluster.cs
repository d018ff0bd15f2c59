using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.IntegrationTests.Databases;
using CrmGrains.Runtime.Silos;
using CrmGrains.Runtime.Turns;
using Npgsql;

namespace CrmGrains.IntegrationTests.Engine;

/// <summary>Any number of silos on a database of a test's own, and what a test sends them.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public const string Workspace = "acme";

    private static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    private readonly TestDatabase _database;
    private readonly List<TestSilo> _silos = [];
    private int _sent;

    private TestCluster(TestDatabase database) => _database = database;

    public NpgsqlDataSource Database => _database.DataSource;

    public string ConnectionString => _database.ConnectionString;

    public static async Task<TestCluster> CreateAsync() => new(await TestDatabase.CreateAsync());

    /// <summary>Sources that are paused, as <c>workspace/source</c>.</summary>
    public string[] Paused { get; set; } = [];

    /// <summary>A silo that takes other silos' partitions at once unless told otherwise. Not started.</summary>
    public TestSilo Silo(Action<SiloOptions>? configure = null, params ITurns[] turns) => SiloOn(ConnectionString, configure, turns);

    /// <summary>One that reaches the database in another way.</summary>
    public TestSilo SiloOn(string connectionString, Action<SiloOptions>? configure = null, params ITurns[] turns)
    {
        var options = new SiloOptions { StealAfter = TimeSpan.Zero };
        configure?.Invoke(options);
        var silo = new TestSilo(connectionString, new OneWorkspace(this), options, turns);
        _silos.Add(silo);
        return silo;
    }

    public static GrainId Company(string name) => GrainId.Of(Workspace, GrainKind.Company, name);

    /// <summary>Tells a company of a person, which is one turn that a test can count.</summary>
    public Task TellAsync(GrainId company) => SendAsync(company, PersonSeen(Interlocked.Increment(ref _sent)));

    /// <summary>A message that a company handles; each has a newer mark than the one before.</summary>
    public static Message PersonSeen(int number) => new Message.PersonSeen(
        GrainId.Of(Workspace, GrainKind.Customer, $"c{number}"),
        new CompanyFacts { Name = $"Name {number}" },
        new Watermark(Noon.AddSeconds(number), 0, Guid.CreateVersion7()));

    public Task SendAsync(GrainId grain, Message message) =>
        SendAsync(MailboxPartition.Of(grain), grain.ToString(), message.Name, JsonSerializer.Serialize(message, CoreJson.Default.Message));

    public Task SendAsync(int partition, string grain, string kind, string body) => Database.ExecuteAsync(
        "INSERT INTO message (partition, workspace, grain, kind, body) VALUES ($1, $2, $3, $4, $5)", partition, Workspace, grain, kind, body);

    /// <summary>Makes an intake queue, whose messages <see cref="ScriptedTurns"/> handle.</summary>
    public Task<int> QueueAsync(string source) => Database.ValueAsync<int>("""
        INSERT INTO partition (id, kind, workspace, source) VALUES (nextval('intake_partition'), 'intake_queue', $1, $2) RETURNING id
        """, Workspace, source);

    /// <summary>A message that makes <see cref="ScriptedTurns"/> ask for effects as the grain named.</summary>
    public Task ScriptAsync(int partition, string grain, params Effect[] effects) => SendAsync(
        partition, grain, "script", $$"""{"effects":[{{string.Join(',', effects.Select(e => JsonSerializer.Serialize(e, CoreJson.Default.Effect)))}}]}""");

    public Task<long> CountAsync(string table, string condition = "true") =>
        Database.ValueAsync<long>($"SELECT count(*) FROM {table} WHERE {condition}");

    /// <summary>Ends a silo and waits until its sessions have ended too: what they read is in the server's statistics only then.</summary>
    public async Task EndAsync(TestSilo silo)
    {
        await silo.DisposeAsync();
        await Eventually.HoldsAsync("the end of the silo's sessions", async () => await Database.ValueAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'crmgrains-silo'") == 0);
    }

    /// <summary>Waits until no message is left.</summary>
    public Task EmptyAsync() => Eventually.HoldsAsync("empty mailboxes", async () => await CountAsync("message") == 0);

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
            await silo.DisposeAsync();
        await _database.DisposeAsync();
    }

    private sealed class OneWorkspace(TestCluster cluster) : IWorkspaces
    {
        private static readonly WorkspaceConfiguration Acme = new()
        {
            Name = Workspace,
            Hash = "0",
            Crm = new CrmAccountConfiguration { Name = "main", Kind = "hubspot", Url = "http://127.0.0.1", Token = "env:NONE" },
            Routing = [new RoutingRule("standard", new Condition.All([]), "sales", null)],
            Pipelines = new Dictionary<string, PipelineConfiguration> { ["sales"] = new() { Id = "1", Stage = "2" } },
        };

        public IReadOnlyList<string> PausedSources => cluster.Paused;

        public WorkspaceConfiguration? Find(string name) => name == Workspace ? Acme : null;
    }
}
