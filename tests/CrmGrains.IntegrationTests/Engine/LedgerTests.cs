using CrmGrains.Runtime.Ledger;
using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.IntegrationTests.Engine;

public sealed class LedgerTests
{
    [Theory]
    [InlineData("UPDATE ledger SET outcome = 'reject'")]
    [InlineData("UPDATE ledger SET detail = 'other'")]
    [InlineData("UPDATE ledger SET detail = NULL")]
    [InlineData("UPDATE ledger SET detail = NULL, salt = NULL, written_at = now()")]
    [InlineData("UPDATE ledger SET detail = NULL, salt = NULL, event_id = gen_random_uuid()")]
    [InlineData("DELETE FROM ledger")]
    [InlineData("TRUNCATE ledger")]
    public async Task Changes_of_the_ledger_are_refused(string sql)
    {
        await using var cluster = await FilledAsync();

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => cluster.Database.ExecuteAsync(sql));

        Assert.Equal(SqlState.RestrictViolation, refusal.SqlState);
    }

    [Fact]
    public async Task The_detail_may_be_erased_and_the_chain_still_verifies()
    {
        await using var cluster = await FilledAsync();

        Assert.Equal(2, await cluster.Database.ExecuteAsync("UPDATE ledger SET detail = NULL, salt = NULL WHERE position IN (2, 4)"));

        var chain = Assert.Single(await VerifyAsync(cluster));
        Assert.Equal((5L, 2L, null, null), (chain.Entries, chain.Erased, chain.BrokenAt, chain.Reason));
    }

    [Theory]
    [InlineData("UPDATE ledger SET outcome = 'reject' WHERE position = 3", 3)]
    [InlineData("UPDATE ledger SET detail = replace(detail, 'Name', 'Mane') WHERE position = 3", 3)]
    [InlineData("UPDATE ledger SET salt = NULL WHERE position = 3", 3)]
    [InlineData("UPDATE ledger SET version = 7 WHERE position = 2", 2)]
    [InlineData("UPDATE ledger SET event_id = '00000000-0000-0000-0000-000000000000' WHERE position = 2", 2)]
    [InlineData("UPDATE ledger SET began_at = began_at + interval '1 microsecond' WHERE position = 1", 1)]
    [InlineData("DELETE FROM ledger WHERE position = 4", 4)]
    [InlineData("DELETE FROM ledger WHERE position = 5", 5)]
    [InlineData("UPDATE ledger SET position = 6 - position WHERE position IN (1, 5)", 1)]
    public async Task A_row_that_somebody_tampered_with_is_named(string tampering, long position)
    {
        await using var cluster = await FilledAsync();
        await cluster.Database.ExecuteAsync(
            "ALTER TABLE ledger DISABLE TRIGGER ALL; ALTER TABLE ledger DROP CONSTRAINT ledger_pkey; " + tampering);

        var chain = Assert.Single(await VerifyAsync(cluster));

        Assert.Equal(position, chain.BrokenAt);
        Assert.NotNull(chain.Reason);
    }

    private static async Task<TestCluster> FilledAsync()
    {
        var cluster = await TestCluster.CreateAsync();
        for (var i = 0; i < 5; i++)
            await cluster.TellAsync(TestCluster.Company("example.com"));
        await cluster.Silo().RunUntilIdleAsync();
        return cluster;
    }

    private static async Task<List<ChainReport>> VerifyAsync(TestCluster cluster)
    {
        var chains = new List<ChainReport>();
        await foreach (var chain in LedgerVerification.VerifyAsync(cluster.Database, CancellationToken.None))
            chains.Add(chain);
        return chains;
    }
}
