using System.Text;
using System.Text.Json;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Autonomy;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.IntegrationTests.Engine;
using CrmGrains.Runtime.Autonomy;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;
using CrmGrains.Runtime.Turns;
using Microsoft.Extensions.Logging.Abstractions;

namespace CrmGrains.IntegrationTests.Autonomy;

/// <summary>What turns are told of what goes without a person, and what they leave of it.</summary>
public sealed class GrantedTurnsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_turn_that_asks_the_gates_is_told_what_is_granted_and_its_entry_says_what_it_was_told()
    {
        await using var cluster = await TestCluster.CreateAsync();
        await using var database = new EngineDatabase(cluster.ConnectionString, 4);
        var grain = PolicyGrain.Of("acme");
        var state = PolicyGrain.Handle(
            new PolicyState(), new Message.AutonomyGranted("set_owner", "somebody", 60, 60),
            new TurnContext(grain, null, Now, Anywhere.Configuration)).State;
        await cluster.Database.ExecuteAsync("INSERT INTO configuration (hash, workspace, body) VALUES ('0', 'acme', '')");
        await cluster.Database.ExecuteAsync(
            "INSERT INTO grain (partition, grain, version, state) VALUES ($1, $2, 1, $3)",
            MailboxPartition.Of(grain), grain.ToString(), JsonSerializer.Serialize(state, CoreJson.Default.PolicyState));
        using var granted = new GrantedActions(database, TimeProvider.System, NullLogger<GrantedActions>.Instance);
        Assert.Empty(granted.Of("acme"));
        await granted.StartAsync(CancellationToken.None);
        await Eventually.HoldsAsync("the grants", () => Task.FromResult(granted.Of("acme").Count == 1));

        await using var transaction = await new PostgresStore(database, TimeProvider.System).BeginAsync(CancellationToken.None);
        var turns = new GrainTurns(new Anywhere(), new Activations(10), new Dictionary<string, GrainHandler> { ["test"] = new Asking() }, granted);
        var result = await turns.RunAsync(
            new TurnBatch(transaction, Now, [Message("acme/test/one", 1), Message("other/test/one", 2)], [], new Dictionary<long, string>()),
            CancellationToken.None);
        await granted.StopAsync(CancellationToken.None);

        Assert.Equal(["set_owner", ""], result.Turns.Select(turn => turn.Outcome));
        Assert.Contains("\"granted\":[\"set_owner\"]", Encoding.UTF8.GetString(result.Turns[0].Detail), StringComparison.Ordinal);
        Assert.DoesNotContain("granted", Encoding.UTF8.GetString(result.Turns[1].Detail), StringComparison.Ordinal);
    }

    private static MailboxMessage Message(string grain, long id) => new()
    {
        Id = id, Partition = 0, Workspace = grain.Split('/')[0], Grain = grain, Kind = "timer_fired",
        Body = JsonSerializer.SerializeToUtf8Bytes<Message>(new Message.TimerFired("none", Now), CoreJson.Default.Message),
    };

    // Decides what it was told.
    private sealed class Asking : GrainHandler
    {
        public override object Initial => "new";

        public override object Read(ReadOnlySpan<byte> json) => Encoding.UTF8.GetString(json);

        public override byte[] Write(object state) => Encoding.UTF8.GetBytes((string)state);

        public override (object State, Decision Decision, IReadOnlyList<Effect> Effects) Handle(object state, Message message, TurnContext context) =>
            (state, new Decision { Outcome = string.Join(',', context.Granted), Actions = [new ActionTrace("f", "n", "set_owner", RiskTier.Medium, Verdict.Execute, [])] }, []);
    }

    private sealed class Anywhere : IWorkspaces
    {
        public static WorkspaceConfiguration Configuration { get; } = new() { Name = "acme", Hash = "0" };

        public WorkspaceConfiguration? Find(string name) => Configuration with { Name = name };
    }
}
