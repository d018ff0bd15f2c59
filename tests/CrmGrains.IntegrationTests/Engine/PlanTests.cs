using Npgsql;

namespace CrmGrains.IntegrationTests.Engine;

public sealed class PlanTests
{
    [Fact]
    public async Task No_statement_of_a_batch_reads_a_table_from_end_to_end_although_its_plan_was_made_when_all_were_empty()
    {
        await using var cluster = await TestCluster.CreateAsync();
        foreach (var table in new[] { "message", "event", "grain", "timer", "ledger", "command", "partition" })
            await cluster.Database.ExecuteAsync($"ALTER TABLE {table} SET (autovacuum_enabled = false)");
        var silo = cluster.Silo(options => options.Workers = 1, new ScriptedTurns());
        var queue = await cluster.QueueAsync("form");

        // Enough batches for generic plans, over next to nothing; then the tables grow by far and nobody counts them.
        for (var i = 0; i < 12; i++)
            await RunAsync(first: i * 10, customers: 10, count: 10);
        await Leads.SendAsync(cluster, customers: 5_000, first: 1_000, count: 20_000);
        await cluster.Database.ExecuteAsync("""
            INSERT INTO event (event_id, workspace, idempotency_key, event_type, occurred_at, body)
            SELECT gen_random_uuid(), 'acme', 'other' || i, 'custom.other', now(), '{}' FROM generate_series(1, 50000) i;
            INSERT INTO grain (partition, grain, version, state) SELECT 0, 'acme/other/' || i, 1, '{}' FROM generate_series(1, 50000) i;
            INSERT INTO timer (partition, grain, name, due_at) SELECT 0, 'acme/other/' || i, 'x', '2199-01-01' FROM generate_series(1, 50000) i;
            """);
        var before = await RowsReadFromEndToEndAsync();

        for (var i = 0; i < 10; i++)
            Assert.InRange(await silo.RunAsync(), 1, 1_000);
        await cluster.ScriptAsync(queue, "acme/test/one", new Core.Grains.Effect.SetTimer("later", DateTimeOffset.MaxValue));
        await cluster.EndAsync(silo);

        var after = await RowsReadFromEndToEndAsync();
        Assert.Equal(before, after);

        async Task RunAsync(int first, int customers, int count)
        {
            await Leads.SendAsync(cluster, customers, first, count);
            await cluster.ScriptAsync(queue, "acme/test/one", new Core.Grains.Effect.SetTimer("later", DateTimeOffset.MaxValue));
            await silo.RunUntilIdleAsync();
        }

        async Task<List<string>> RowsReadFromEndToEndAsync()
        {
            await cluster.Database.ExecuteAsync("SELECT pg_stat_force_next_flush()");
            return await cluster.Database.ListAsync<string>("""
                SELECT format('%s: %s', relname, seq_tup_read) FROM pg_stat_user_tables
                WHERE relname IN ('message', 'event', 'grain', 'timer', 'ledger', 'command', 'review', 'dead_letter') ORDER BY relname
                """);
        }
    }

    [Fact]
    public async Task A_batch_reads_the_states_that_it_writes_and_no_others_although_the_statistics_call_the_table_empty()
    {
        await using var cluster = await TestCluster.CreateAsync();
        await cluster.Database.ExecuteAsync("ALTER TABLE grain SET (autovacuum_enabled = false)");
        await using var reader = await cluster.Database.OpenConnectionAsync();
        await using (var hold = new NpgsqlCommand("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM grain", reader))
            await hold.ExecuteNonQueryAsync();

        // Versions that are gone for everybody but the reader: the vacuum counts none and finds their pages full.
        await cluster.Database.ExecuteAsync("""
            INSERT INTO grain (partition, grain, version, state) SELECT 0, 'acme/other/' || i, 1, '{}' FROM generate_series(1, 20000) i
            """);
        await cluster.Database.ExecuteAsync("DELETE FROM grain");
        await cluster.Database.ExecuteAsync("VACUUM grain");
        var silo = cluster.Silo(options => options.Workers = 1);
        for (var i = 0; i < 20; i++)
            await RunAsync(first: i * 10, count: 10);
        await cluster.EndAsync(silo);

        Assert.InRange(
            await cluster.Database.ValueAsync<long>("SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'grain_pkey'"), 1, 10_000);

        async Task RunAsync(int first, int count)
        {
            await Leads.SendAsync(cluster, customers: 10, first, count);
            await silo.RunUntilIdleAsync();
        }
    }
}
