using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Host.Reviews;
using CrmGrains.Intake.Replays;
using CrmGrains.IntegrationTests.Engine;
using CrmGrains.IntegrationTests.Identity;
using CrmGrains.Connectors.Outbox;
using CrmGrains.Runtime.Silos;
using Microsoft.Extensions.Logging.Abstractions;

namespace CrmGrains.IntegrationTests.Reviews;

/// <summary>
/// A workspace in which <c>custom.asked</c> proposes a task that rests on the customer's phone, and <c>custom.signed</c> a note that two must agree
/// to; its silos, and the desk that takes answers. Nothing is sent to a CRM.
/// </summary>
internal sealed class ReviewCluster : IAsyncDisposable
{
    private static readonly Question Phone = new(new Condition.Not(new Condition.Compare("customer.phone", "exists", null)), "Which number?");

    private static readonly WorkspaceConfiguration Configuration = IntakeCluster.Configuration with
    {
        Risk = new RiskPolicy
        {
            Actions = new Dictionary<string, ActionPolicy>
            {
                ["create_task"] = new() { Mode = ActionMode.Review }, ["add_note"] = new() { Mode = ActionMode.Review, FourEyes = true },
            },
        },
        Playbooks =
        [
            new() { Name = "asked", On = ["custom.asked"], Actions = [new() { Name = "call", Type = "create_task", Questions = [Phone] }] },
            new() { Name = "signed", On = ["custom.signed"], Actions = [new() { Name = "file", Type = "add_note", Questions = [Phone] }] },
        ],
    };

    private ReviewCluster(IntakeCluster cluster)
    {
        Intake = cluster;
        Silo = cluster.Silo();
        var metrics = new ReviewMetrics(cluster.Meters);
        var replays = new EventReplays(new ReplayRequests(cluster.Database, cluster));
        Desk = new ReviewDesk(
            cluster.Database,
            [
                new ProposalMatter(Wakeups), new MergeMatter(replays, Wakeups),
                new CommandMatter(new OutboxDeadLetters(cluster.Database, () => Reopened++), Wakeups), new ReplayMatter(replays), new NoteMatter(),
            ],
            metrics);
        Views = new ReviewViews(cluster.Database, Desk);
        Clock = new ReviewClock(cluster.Database, Wakeups, metrics, TimeProvider.System, NullLogger<ReviewClock>.Instance);
    }

    public IntakeCluster Intake { get; }

    public TestSilo Silo { get; private set; }

    public Wakeups Wakeups { get; } = new(TimeProvider.System);

    public ReviewDesk Desk { get; }

    public ReviewViews Views { get; }

    public ReviewClock Clock { get; }

    /// <summary>How often the outbox was told of commands that were opened again.</summary>
    public int Reopened { get; private set; }

    public static async Task<ReviewCluster> CreateAsync() => new(await IntakeCluster.CreateAsync(Configuration));

    /// <summary>Another silo takes over, which knows nothing but what is stored.</summary>
    public async Task RestartAsync()
    {
        await Silo.StopAsync();
        Silo = Intake.Silo();
    }

    /// <summary>An event of a customer, taken in and handled.</summary>
    /// <returns>The event's id.</returns>
    public async Task<Guid> SayAsync(string type, string email, params (string Name, object Value)[] parts)
    {
        await Intake.DeliverAsync(0, [("type", type), ("email", email), .. parts]);
        await Silo.RunUntilIdleAsync();
        return await Intake.Database.ValueAsync<Guid>("SELECT event_id FROM raw_event ORDER BY event_id DESC LIMIT 1");
    }

    /// <summary>The open item of an event.</summary>
    public async Task<ReviewRow> OpenAsync(Guid eventId) =>
        await RowAsync(await Intake.Database.ValueAsync<Guid>("SELECT id FROM review WHERE event_id = $1 AND closed_at IS NULL", eventId));

    public async Task<ReviewRow> RowAsync(Guid id)
    {
        await using var connection = await Intake.Database.OpenConnectionAsync();
        return await ReviewDesk.ReadAsync(connection, ReviewSql.Get, id, null, CancellationToken.None) ?? throw new InvalidOperationException($"There is no review {id}.");
    }

    public Task<ReviewOutcome> AnswerAsync(Guid id, string verb, ReviewAnswer answer, string by) =>
        Desk.AnswerAsync(id, verb, answer, by, null, CancellationToken.None);

    /// <summary>Commands that carry out what an event proposed.</summary>
    public Task<List<string>> CommandsAsync(Guid eventId) =>
        Intake.Database.ListAsync<string>("SELECT body FROM command WHERE event_id = $1 AND object IN ('task', 'note') ORDER BY id", eventId);

    public async ValueTask DisposeAsync()
    {
        Clock.Dispose();
        await Intake.DisposeAsync();
    }
}
