using System.Text.Json;
using CrmGrains.Core.Grains;

namespace CrmGrains.IntegrationTests.Engine;

public sealed class FaultTests
{
    [Theory]
    [InlineData("acme/company/a.com", "not json")]
    [InlineData("acme/company/a.com", "{}")]
    [InlineData("acme/company/a.com", "null")]
    [InlineData("acme/company/a.com", """{"message":"deal_wanted"}""")]
    [InlineData("acme/company/a.com", """{"message":"timer_fired","timer":"none","due_at":"2026-01-01T00:00:00Z"}""")]
    [InlineData("acme/customer/a", """{"message":"event_received","match":{"by":"new","confidence":1,"evidence":[]},"validation":{}}""")]
    [InlineData("acme/warehouse/a", "{}")]
    [InlineData("nobody/company/a.com", "{}")]
    [InlineData("company", "{}")]
    public async Task A_turn_that_throws_goes_to_the_dead_letters_and_the_others_go_on(string grain, string body)
    {
        await using var cluster = await TestCluster.CreateAsync();
        var silo = cluster.Silo();
        var partition = MailboxPartition.Of(TestCluster.Company("example.com"));
        await cluster.TellAsync(TestCluster.Company("example.com"));
        await cluster.SendAsync(partition, grain, "some_kind", body);
        await cluster.TellAsync(TestCluster.Company("example.com"));

        Assert.Equal(3, await silo.RunUntilIdleAsync());

        Assert.Equal(["create", "dead_lettered", "update"], await cluster.Database.ListAsync<string>("SELECT outcome FROM ledger ORDER BY position"));
        Assert.Equal([1, 0, 2], await cluster.Database.ListAsync<long>("SELECT version FROM ledger ORDER BY position"));
        Assert.Equal([body], await cluster.Database.ListAsync<string>("SELECT body FROM dead_letter WHERE grain = $1 AND queue = 'turns'", grain));
        foreach (var detail in await cluster.Database.ListAsync<string>("SELECT detail FROM ledger"))
            JsonDocument.Parse(detail).Dispose();
    }

    [Fact]
    public async Task A_state_that_cannot_be_read_stops_its_own_grain_only()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var (broken, other) = (TestCluster.Company("broken.com"), Neighbour(TestCluster.Company("broken.com")));
        await cluster.TellAsync(broken);
        await cluster.Silo().RunAsync();
        await cluster.Database.ExecuteAsync("UPDATE grain SET state = '[' WHERE grain = $1", broken.ToString());
        await cluster.TellAsync(broken);
        await cluster.TellAsync(other);

        await cluster.Silo().RunUntilIdleAsync();

        Assert.Equal(["broken.com"], await cluster.Database.ListAsync<string>("SELECT split_part(grain, '/', 3) FROM dead_letter"));
        Assert.Equal(1, await cluster.Database.ValueAsync<long>("SELECT version FROM grain WHERE grain = $1", other.ToString()));
        Assert.Equal("[", await cluster.Database.ValueAsync<string>("SELECT state FROM grain WHERE grain = $1", broken.ToString()));
    }

    [Fact]
    public async Task A_batch_that_cannot_be_committed_is_split_until_only_the_bad_message_is_dead()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var queue = await cluster.QueueAsync("form");
        var company = TestCluster.Company("example.com");
        for (var i = 0; i < 40; i++)
        {
            await cluster.SendAsync(queue, "", "script", i == 17 ? """{"bad":true}""" : "{}");
            await cluster.TellAsync(company);
        }

        await cluster.Silo(turns: new ScriptedTurns()).RunUntilIdleAsync();

        Assert.Equal(0, await cluster.CountAsync("message"));
        Assert.Equal(["""{"bad":true}"""], await cluster.Database.ListAsync<string>("SELECT body FROM dead_letter"));
        Assert.Equal(80, await cluster.CountAsync("ledger"));
        var inOrder = await cluster.Database.ListAsync<long>("SELECT message_id FROM ledger WHERE partition = $1 ORDER BY position", queue);
        Assert.Equal(inOrder.Order(), inOrder);
    }

    [Fact]
    public async Task A_bad_message_beside_timers_is_found()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var queue = await cluster.QueueAsync("form");
        await cluster.SendAsync(queue, "", "script", """{"bad":true}""");
        await SetDueTimersAsync(cluster, queue, "one", "two");

        await cluster.Silo(turns: new ScriptedTurns()).RunUntilIdleAsync();

        Assert.Equal(["script"], await cluster.Database.ListAsync<string>("SELECT kind FROM dead_letter"));
        Assert.Equal(3, await cluster.CountAsync("ledger"));
    }

    [Fact]
    public async Task A_bad_timer_is_found_and_no_other_timer_dies_with_it()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var queue = await cluster.QueueAsync("form");
        await cluster.SendAsync(queue, "", "script", "{}");
        await SetDueTimersAsync(cluster, queue, "a", "b", "bad", "c");
        await SetDueTimersAsync(cluster, await cluster.QueueAsync("other"), "d", "e");

        await cluster.Silo(turns: new ScriptedTurns()).RunUntilIdleAsync();

        Assert.Contains("\"bad\"", Assert.Single(await cluster.Database.ListAsync<string>("SELECT body FROM dead_letter")), StringComparison.Ordinal);
        Assert.Equal(0, await cluster.CountAsync("timer"));
        Assert.Equal(7, await cluster.CountAsync("ledger"));
    }

    [Fact]
    public async Task Other_partitions_go_on_while_one_can_never_be_committed()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var queue = await cluster.QueueAsync("form");
        await cluster.Database.ExecuteAsync($"ALTER TABLE ledger ADD CONSTRAINT nothing_of_this_queue CHECK (partition <> {queue})");
        await cluster.SendAsync(queue, "", "script", "{}");
        var silo = cluster.Silo(turns: new ScriptedTurns());
        await silo.StartAsync();
        for (var i = 0; i < 30; i++)
            await cluster.TellAsync(TestCluster.Company($"company{i}.com"));
        silo.Wakeups.MailboxesFilled();

        await Eventually.HoldsAsync("the turns of 30 companies", async () => await cluster.CountAsync("grain") == 30);
        Assert.Equal(1, await cluster.CountAsync("message"));
    }

    [Theory]
    [InlineData("40001")]
    [InlineData("40P01")]
    [InlineData("53200")]
    public async Task An_error_that_may_pass_is_tried_again_and_kills_nothing(string sqlState)
    {
        await using var cluster = await TestCluster.CreateAsync();
        await cluster.Database.ExecuteAsync($"""
            CREATE SEQUENCE failures;
            CREATE FUNCTION fail_thrice() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('failures') <= 3 THEN RAISE EXCEPTION 'not now' USING ERRCODE = '{sqlState}'; END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER fails AFTER INSERT ON ledger FOR EACH STATEMENT EXECUTE FUNCTION fail_thrice();
            """);
        for (var i = 0; i < 5; i++)
            await cluster.TellAsync(TestCluster.Company("example.com"));
        var silo = cluster.Silo();
        await silo.StartAsync();

        await cluster.EmptyAsync();
        Assert.Equal([1, 2, 3, 4, 5], await cluster.Database.ListAsync<long>("SELECT version FROM ledger ORDER BY position"));
        Assert.Equal(0, await cluster.CountAsync("dead_letter"));
        Assert.Equal(3, silo.Log.Count(line => line.Contains("not now", StringComparison.Ordinal)));
    }

    private static async Task SetDueTimersAsync(TestCluster cluster, int partition, params string[] names)
    {
        foreach (var name in names)
            await cluster.Database.ExecuteAsync(
                "INSERT INTO timer (partition, grain, name, due_at) VALUES ($1, $2, $3, '2020-01-01')", partition, $"acme/test/{partition}", name);
    }

    // Another company in the same partition.
    private static GrainId Neighbour(GrainId grain) => Enumerable.Range(0, 10_000)
        .Select(i => TestCluster.Company($"neighbour{i}.com"))
        .First(other => MailboxPartition.Of(other) == MailboxPartition.Of(grain));
}
