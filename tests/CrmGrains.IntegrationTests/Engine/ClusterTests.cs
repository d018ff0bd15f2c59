using CrmGrains.Runtime.Ledger;

namespace CrmGrains.IntegrationTests.Engine;

/// <summary>Several silos on one database, with customers who tell their company and their deal of every lead.</summary>
public sealed class ClusterTests
{
    private const int Customers = 100;
    private const int TurnsALead = 3;

    [Fact]
    public async Task Four_silos_handle_every_message_once_and_no_two_turns_of_a_grain_overlap()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var silos = Enumerable.Range(0, 4).Select(_ => cluster.Silo(options => (options.BatchSize, options.StealAfter) = (100, TimeSpan.FromMilliseconds(5)))).ToList();
        foreach (var silo in silos)
            await silo.StartAsync();

        var leads = 0;
        while (leads < 6_700)
            leads += await Leads.SendAsync(cluster, Customers, first: leads, count: 670);

        await cluster.EmptyAsync();
        await AssertNothingWasLostOrDoubledAsync(cluster, leads);
        Assert.True(await cluster.Database.ValueAsync<long>("SELECT count(DISTINCT silo) FROM ledger") > 1, "Only one silo did anything.");
        Assert.DoesNotContain(silos.SelectMany(silo => silo.Log), line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Silos_whose_connections_are_cut_at_random_lose_and_double_nothing()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var silos = Enumerable.Range(0, 3).Select(_ => cluster.Silo(options => (options.BatchSize, options.StealAfter) = (20, TimeSpan.FromMilliseconds(5)))).ToList();
        foreach (var silo in silos)
            await silo.StartAsync();
        await Leads.SendAsync(cluster, Customers, first: 0, count: 1_500);

        var cut = 0;
        await Eventually.HoldsAsync("empty mailboxes while connections are cut", async () =>
        {
            cut += (await cluster.Database.ListAsync<bool>("""
                SELECT pg_terminate_backend(pid) FROM (
                    SELECT pid FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'crmgrains-silo' AND random() < 0.1 ORDER BY random() LIMIT 1) victim
                """)).Count;
            return await cluster.CountAsync("message") == 0;
        });

        Assert.True(cut > 10, $"Only {cut} connections were cut.");
        await AssertNothingWasLostOrDoubledAsync(cluster, leads: 1_500);
    }

    private static async Task AssertNothingWasLostOrDoubledAsync(TestCluster cluster, int leads)
    {
        var database = cluster.Database;
        Assert.Equal(0, await cluster.CountAsync("dead_letter"));
        Assert.Equal(leads * TurnsALead, await cluster.CountAsync("ledger"));
        Assert.Equal(leads * TurnsALead, await database.ValueAsync<long>("SELECT count(DISTINCT message_id) FROM ledger"));
        Assert.Equal(Customers * TurnsALead, await cluster.CountAsync("grain"));
        Assert.Empty(await database.ListAsync<string>("""
            SELECT grain FROM grain g LEFT JOIN ledger l USING (partition, grain)
            GROUP BY grain, g.version HAVING count(*) <> g.version OR count(DISTINCT l.version) <> g.version OR max(l.version) <> g.version
            """));
        Assert.Equal(leads, await database.ValueAsync<long>("SELECT sum((state::json ->> 'events')::int) FROM grain WHERE grain LIKE '%/customer/%'"));
        Assert.Equal(leads, await database.ValueAsync<long>("SELECT sum((state::json ->> 'seen')::int) FROM grain WHERE grain LIKE '%/company/%'"));

        // A sender's messages keep their order, and the batches of a grain follow each other.
        Assert.Empty(await database.ListAsync<string>("""
            SELECT grain FROM (SELECT grain, version, message_id - lag(message_id) OVER (PARTITION BY grain ORDER BY version) AS step FROM ledger) l
            WHERE step <= 0
            """));
        Assert.Empty(await database.ListAsync<string>("""
            SELECT b.grain FROM (
                SELECT grain, silo, began_at, lag(silo) OVER w AS last_silo, lag(began_at) OVER w AS last_began, lag(written_at) OVER w AS last_written
                FROM ledger WINDOW w AS (PARTITION BY grain ORDER BY version)) b
            WHERE (b.silo, b.began_at) <> (b.last_silo, b.last_began) AND b.began_at < b.last_written
            """));

        var chains = new List<ChainReport>();
        await foreach (var chain in LedgerVerification.VerifyAsync(database, CancellationToken.None))
            chains.Add(chain);
        Assert.All(chains, chain => Assert.Null(chain.Reason));
        Assert.Equal(leads * TurnsALead, chains.Sum(chain => chain.Entries));
    }
}
