using CrmGrains.Core.Grains;
using Npgsql;

namespace CrmGrains.IntegrationTests.Engine;

public sealed class MailboxTests
{
    [Fact]
    public async Task Messages_of_a_grain_are_handled_in_order_and_once()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var silo = cluster.Silo(options => options.BatchSize = 7);
        var grain = TestCluster.Company("example.com");
        for (var i = 0; i < 50; i++)
            await cluster.TellAsync(grain);

        Assert.Equal(50, await silo.RunUntilIdleAsync());

        var handled = await cluster.Database.ListAsync<long>("SELECT message_id FROM ledger ORDER BY partition, position");
        Assert.Equal(Enumerable.Range(1, 50).Select(id => (long)id), handled);
        Assert.Equal(50, await cluster.Database.ValueAsync<long>("SELECT version FROM grain WHERE grain = $1", grain.ToString()));
        Assert.Equal(0, await cluster.CountAsync("message"));
    }

    [Fact]
    public async Task A_message_that_is_committed_late_is_handled_although_newer_ones_went_before()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var silo = cluster.Silo();
        var grain = TestCluster.Company("example.com");
        await using var early = await BeginAsync(cluster);
        await using var late = await BeginAsync(cluster);

        // The late one draws its id first and has the higher transaction id: no transaction above it has ended when the batch looks.
        await ExecuteAsync(early, "SELECT pg_current_xact_id()");
        await InsertAsync(late, grain, "late");
        await InsertAsync(early, grain, "early");
        await ExecuteAsync(early, "COMMIT");
        await silo.RunUntilIdleAsync();
        for (var i = 0; i < 3; i++)
        {
            await cluster.TellAsync(grain);
            await silo.RunUntilIdleAsync();
        }

        await ExecuteAsync(late, "COMMIT");
        await silo.RunUntilIdleAsync();

        Assert.Equal(0, await cluster.CountAsync("message"));
        Assert.Equal(5, await cluster.CountAsync("ledger"));
    }

    [Fact]
    public async Task A_message_that_is_committed_between_the_pops_of_mailboxes_and_queues_is_handled()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var queue = await cluster.QueueAsync("form");
        var silo = cluster.Silo(null, new ScriptedTurns());
        var grain = TestCluster.Company("example.com");
        await cluster.Database.ExecuteAsync("""
            CREATE FUNCTION wait_for_the_test() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_advisory_xact_lock_shared(42);
                RETURN OLD;
            END
            $$;
            CREATE TRIGGER pop_waits BEFORE DELETE ON message FOR EACH ROW WHEN (OLD.partition < 1000) EXECUTE FUNCTION wait_for_the_test();
            """);
        await using var late = await BeginAsync(cluster);
        await InsertAsync(late, grain, "late");
        await cluster.TellAsync(grain);
        Assert.Equal(1, await silo.RunAsync());

        // The pop of the mailbox has its snapshot and doesn't see the late one; that of the queue finds that its sender has ended.
        await using var held = await BeginAsync(cluster);
        await ExecuteAsync(held, "SELECT pg_advisory_lock(42)");
        await cluster.TellAsync(grain);
        await cluster.SendAsync(queue, "", "script", "{}");
        var batch = silo.RunAsync();
        await Eventually.HoldsAsync(
            "a pop that waits", async () => await cluster.CountAsync("pg_locks", "locktype = 'advisory' AND NOT granted") > 0);
        await ExecuteAsync(late, "COMMIT");
        await ExecuteAsync(held, "SELECT pg_advisory_unlock(42)");
        Assert.Equal(2, await batch);
        await silo.RunUntilIdleAsync();

        Assert.Equal(0, await cluster.CountAsync("message"));
        Assert.Equal(4, await cluster.CountAsync("ledger"));
    }

    [Fact]
    public async Task The_mark_follows_what_was_popped_once_older_transactions_have_ended()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var silo = cluster.Silo();
        var grain = TestCluster.Company("example.com");
        await using (var running = await BeginAsync(cluster))
        {
            await InsertAsync(running, TestCluster.Company("other.example"), "running");
            for (var i = 0; i < 5; i++)
            {
                await cluster.TellAsync(grain);
                await silo.RunAsync();
            }

            Assert.Equal(0, Mark(silo, grain));
            await ExecuteAsync(running, "ROLLBACK");
        }

        for (var i = 0; i < 5; i++)
        {
            await cluster.TellAsync(grain);
            await silo.RunAsync();
        }

        // Transactions of other databases on the server hold the mark back for a moment too.
        await Eventually.HoldsAsync("a mark beyond the messages that were sent while a transaction ran", async () =>
        {
            await cluster.TellAsync(grain);
            await silo.RunAsync();
            return Mark(silo, grain) >= 6;
        });
    }

    [Fact]
    public async Task A_session_that_has_written_elsewhere_and_stays_open_stops_no_mark()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var silo = cluster.Silo();
        var grain = TestCluster.Company("example.com");
        await using var writer = await BeginAsync(cluster);
        await ExecuteAsync(writer, "CREATE TABLE other AS SELECT 1");

        await Eventually.HoldsAsync("a mark beyond the first messages while a writer is open", async () =>
        {
            await cluster.TellAsync(grain);
            await silo.RunAsync();
            return Mark(silo, grain) > 10;
        });
        Assert.Equal(0, await cluster.CountAsync("message"));
    }

    [Fact]
    public async Task A_session_that_holds_an_old_snapshot_loses_no_message_and_stops_no_mark()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var silo = cluster.Silo();
        var grain = TestCluster.Company("example.com");
        await using var reader = await BeginAsync(cluster);
        await ExecuteAsync(reader, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
        await ExecuteAsync(reader, "SELECT count(*) FROM message");

        for (var i = 0; i < 20; i++)
        {
            await cluster.TellAsync(grain);
            Assert.Equal(1, await silo.RunAsync());
        }

        await Eventually.HoldsAsync("a mark beyond the first messages while a snapshot is held", async () =>
        {
            await cluster.TellAsync(grain);
            await silo.RunAsync();
            return Mark(silo, grain) > 10;
        });
        Assert.Equal(0, await cluster.CountAsync("message"));
    }

    private static long Mark(TestSilo silo, GrainId grain) => silo.MarkOf(MailboxPartition.Of(grain));

    private static async Task<NpgsqlConnection> BeginAsync(TestCluster cluster)
    {
        var connection = await cluster.Database.OpenConnectionAsync();
        await ExecuteAsync(connection, "BEGIN");
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task InsertAsync(NpgsqlConnection connection, GrainId grain, string kind)
    {
        await using var command = new NpgsqlCommand(
            "INSERT INTO message (partition, workspace, grain, kind, body) VALUES ($1, $2, $3, $4, '{}')", connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MailboxPartition.Of(grain) });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = TestCluster.Workspace });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = grain.ToString() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
        await command.ExecuteNonQueryAsync();
    }
}
