using CrmGrains.Core.Grains;
using CrmGrains.IntegrationTests.EndToEnd;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;
using Leads = CrmGrains.IntegrationTests.EndToEnd.Leads;

namespace CrmGrains.IntegrationTests.Faults;

/// <summary>Serialization failures and deadlocks of every table: the work is done again, once, and nothing is given up because of them.</summary>
public sealed class TransientErrorTests(ITestOutputHelper output)
{
    private const int LeadsATable = 6;

    // Leads don't write these: timers and dead letters have a test of their own, an account is written when it is taken over or paused.
    private static readonly string[] Untouched =
    [
        "pull", "timer", "dead_letter", "crm_account", "customer_merge", "identity_move", "drift_sketch", "drift_alert", "drift_held", "source_rhythm",
        "replay", "replay_count", "dropped_delivery", "retention", "retention_deferred", "undo", "undo_step", "review_step",
    ];

    [Theory]
    [InlineData(FailingTable.SerializationFailure, "Statement")]
    [InlineData(FailingTable.Deadlock, "Commit")]
    public async Task Every_table_in_turn_may_fail_and_everything_is_done_once(string sqlState, string at)
    {
        await using var installation = await QuickAsync();
        await FailingTable.PrepareAsync(installation.Database);
        await installation.StartAsync();
        var tables = (await FailingTable.AllAsync(installation.Database)).Except(Untouched).ToList();
        var leads = Leads.Generate(seed: 11, count: tables.Count * LeadsATable, people: 1000, companies: 30, repeated: 20, invalid: 30);
        var (sent, receipts) = (new List<Lead>(), new List<Receipt>());

        foreach (var (table, index) in tables.Select((table, index) => (table, index)))
        {
            var portion = leads.Where((_, place) => place % tables.Count == index).ToList();
            await FailingTable.FailAsync(installation.Database, table, sqlState, Enum.Parse<RaisedAt>(at));
            sent.AddRange(portion);
            receipts.AddRange(await installation.Sender.SendAsync([.. portion.Select(lead => lead.Post)]));
            await installation.QuietAsync();
            Assert.True(await FailingTable.RecoverAsync(installation.Database, table) >= 2, $"Nothing wrote to {table}.");
        }

        await new Flood(sent, receipts).IsCarriedOutAsync(installation, installation.Database);
    }

    [Fact]
    public async Task All_tables_may_fail_at_random_and_everything_is_done_once()
    {
        await using var installation = await QuickAsync();
        await FailingTable.PrepareAsync(installation.Database);
        foreach (var (table, index) in (await FailingTable.AllAsync(installation.Database)).Select((table, index) => (table, index)))
            await FailingTable.FailAsync(
                installation.Database, table, index % 2 == 0 ? FailingTable.Deadlock : FailingTable.SerializationFailure,
                index % 3 == 0 ? RaisedAt.Commit : RaisedAt.Statement, percent: 2, most: 40);
        await installation.StartAsync();
        var flood = new Flood(Leads.Generate(seed: 12, count: 120, people: 40, companies: 12, repeated: 20, invalid: 10));

        await flood.SendAsync(new Sender(() => installation.Host.Url, atOnce: 8));
        await installation.QuietAsync();

        output.WriteLine($"{await installation.Database.ValueAsync<long>("SELECT last_value FROM failure_number")} writes failed.");
        await flood.IsCarriedOutAsync(installation, installation.Database);
    }

    [Theory]
    [InlineData(FailingTable.SerializationFailure, "Statement")]
    [InlineData(FailingTable.Deadlock, "Commit")]
    public async Task A_timer_is_set_and_fires_once_although_its_table_fails(string sqlState, string at)
    {
        await using var cluster = await TestCluster.CreateAsync();
        await FailingTable.PrepareAsync(cluster.Database);
        var queue = await cluster.QueueAsync("form");
        await cluster.ScriptAsync(queue, $"acme/test/{queue}", new Effect.SetTimer("soon", new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        await FailingTable.FailAsync(cluster.Database, "timer", sqlState, Enum.Parse<RaisedAt>(at), most: 4);

        await cluster.Silo(turns: new ScriptedTurns()).StartAsync();

        await Eventually.HoldsAsync(
            "a timer that fired", async () => await cluster.CountAsync("ledger") == 2 && await cluster.CountAsync("timer") == 0);
        Assert.Equal(
            ["script", "timer_fired"], await cluster.Database.ListAsync<string>("SELECT kind FROM ledger ORDER BY position"));
        Assert.True(await FailingTable.RecoverAsync(cluster.Database, "timer") >= 4, "The table failed too seldom.");
        Assert.Equal(0, await cluster.CountAsync("dead_letter"));
    }

    [Theory]
    [InlineData(FailingTable.SerializationFailure, "Statement")]
    [InlineData(FailingTable.Deadlock, "Commit")]
    public async Task A_message_that_is_given_up_is_a_dead_letter_once_although_that_table_fails(string sqlState, string at)
    {
        await using var cluster = await TestCluster.CreateAsync();
        await FailingTable.PrepareAsync(cluster.Database);
        var company = TestCluster.Company("example.com");
        await FailingTable.FailAsync(cluster.Database, "dead_letter", sqlState, Enum.Parse<RaisedAt>(at), most: 3);
        await cluster.TellAsync(company);
        await cluster.SendAsync(MailboxPartition.Of(company), company.ToString(), "some_kind", "not json");
        await cluster.TellAsync(company);

        await cluster.Silo().StartAsync();

        await cluster.EmptyAsync();
        Assert.Equal(["not json"], await cluster.Database.ListAsync<string>("SELECT body FROM dead_letter"));
        Assert.Equal(["create", "dead_lettered", "update"], await cluster.Database.ListAsync<string>("SELECT outcome FROM ledger ORDER BY position"));
    }

    private async Task<Installation> QuickAsync()
    {
        var installation = await Installation.CreateQuickAsync(output);
        installation.Environment["CRMGRAINS__Outbox__UncertainWait"] = "00:00:01";
        installation.Environment["CRMGRAINS__Outbox__PollInterval"] = "00:00:00.100";
        return installation;
    }
}
