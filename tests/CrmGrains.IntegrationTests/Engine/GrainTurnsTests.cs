using System.Text;
using System.Text.Json;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Silos;
using CrmGrains.Runtime.Storage;
using CrmGrains.Runtime.Turns;

namespace CrmGrains.IntegrationTests.Engine;

public sealed class GrainTurnsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_due_timer_does_not_fire_where_an_earlier_turn_of_its_batch_replaced_or_canceled_it()
    {
        await using var cluster = await TestCluster.CreateAsync();
        await using var database = new EngineDatabase(cluster.ConnectionString, 2);
        await using var transaction = await new PostgresStore(database, TimeProvider.System).BeginAsync(CancellationToken.None);
        var turns = new GrainTurns(
            new Anywhere(), new Activations(10), new Dictionary<string, GrainHandler> { ["test"] = new Canceling("canceled", "replaced") });
        MailboxMessage[] messages =
        [
            Message("acme/test/one", 1, null), Message("acme/test/one", 0, "canceled"), Message("acme/test/one", 0, "replaced"),
            Message("acme/test/one", 0, "other"), Message("acme/test/two", 0, "canceled"),
        ];

        var result = await turns.RunAsync(new TurnBatch(transaction, Now, messages, [], new Dictionary<long, string>()), CancellationToken.None);

        Assert.All(result.Turns, turn => Assert.Null(turn.Failure));
        Assert.Equal(
            [("acme/test/one", null), ("acme/test/one", "other"), ("acme/test/two", "canceled")],
            result.Turns.Select(turn => (turn.Message.Grain, turn.Message.Timer)));
    }

    [Fact]
    public async Task A_command_goes_to_the_crm_or_to_its_channel_and_the_ledger_says_where_there_is_no_crm_for_it()
    {
        await using var cluster = await TestCluster.CreateAsync();
        await using var database = new EngineDatabase(cluster.ConnectionString, 2);
        await using var transaction = await new PostgresStore(database, TimeProvider.System).BeginAsync(CancellationToken.None);
        async Task<(IReadOnlyList<string> Accounts, string Detail)> RunAsync(CrmAccountConfiguration? crm)
        {
            var turns = new GrainTurns(
                new Anywhere { Crm = crm }, new Activations(10), new Dictionary<string, GrainHandler> { ["test"] = new Asking() });
            var result = await turns.RunAsync(
                new TurnBatch(transaction, Now, [Message("acme/test/one", 1, null)], [], new Dictionary<long, string>()), CancellationToken.None);
            var rows = new BatchRows(Guid.NewGuid(), new Dictionary<int, ClaimedPartition>
            {
                [0] = new() { Id = 0, Kind = PartitionKind.Mailbox, HeadHash = new byte[32], BeganAt = Now },
            });
            rows.Add(result);
            return ([.. rows.Commands.Select(command => command.Account)], Encoding.UTF8.GetString(result.Turns[0].Detail));
        }

        var (with, without) = (
            await RunAsync(new CrmAccountConfiguration { Name = "main", Kind = "hubspot", Url = "", Token = "" }), await RunAsync(null));

        Assert.Equal(["acme/main", "acme/channel/mail"], with.Accounts);
        Assert.Equal(["acme/channel/mail"], without.Accounts);
        Assert.DoesNotContain("nowhere", with.Detail, StringComparison.Ordinal);
        Assert.Contains(
            """{"enqueue":"create_call","object":"task","step":1,"nowhere":"no_crm"},{"enqueue":"send_hello","object":"mail","step":2,"channel":"mail"}""",
            without.Detail, StringComparison.Ordinal);
    }

    private static MailboxMessage Message(string grain, long id, string? timer) => new()
    {
        Id = id, Partition = 0, Workspace = "acme", Grain = grain, Kind = "timer_fired", Timer = timer,
        Body = JsonSerializer.SerializeToUtf8Bytes(new Message.TimerFired(timer ?? "none", Now), CoreJson.Default.Message),
    };

    // Cancels and replaces timers in its first turn.
    private sealed class Canceling(string canceled, string replaced) : GrainHandler
    {
        public override object Initial => "new";

        public override object Read(ReadOnlySpan<byte> json) => Encoding.UTF8.GetString(json);

        public override byte[] Write(object state) => Encoding.UTF8.GetBytes((string)state);

        public override (object State, Decision Decision, IReadOnlyList<Effect> Effects) Handle(object state, Message message, TurnContext context) =>
            ("old", new Decision { Outcome = "record" }, message is Message.TimerFired { Timer: "none" }
                ? [new Effect.CancelTimer(canceled), new Effect.SetTimer(replaced, Now)] : []);
    }

    // Wants a task in the CRM and a mail.
    private sealed class Asking : GrainHandler
    {
        public override object Initial => "new";

        public override object Read(ReadOnlySpan<byte> json) => Encoding.UTF8.GetString(json);

        public override byte[] Write(object state) => Encoding.UTF8.GetBytes((string)state);

        public override (object State, Decision Decision, IReadOnlyList<Effect> Effects) Handle(object state, Message message, TurnContext context) =>
            ("old", new Decision { Outcome = "record" }, [
                new Effect.Enqueue(1, new CrmCommand.CreateTask("call", "", "", Now, "low", null, [])),
                new Effect.Enqueue(2, new CrmCommand.SendMail("mail", "a@b.test", "s", "t", null, null, "hello"))]);
    }

    private sealed class Anywhere : IWorkspaces
    {
        public CrmAccountConfiguration? Crm { get; init; }

        public WorkspaceConfiguration Find(string name) => new() { Name = name, Hash = "0", Crm = Crm };
    }
}
