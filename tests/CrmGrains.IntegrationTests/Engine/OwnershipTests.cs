using CrmGrains.Core.Grains;
using Npgsql;

namespace CrmGrains.IntegrationTests.Engine;

public sealed class OwnershipTests
{
    [Fact]
    public async Task A_silo_takes_over_what_a_silo_that_is_gone_has_left()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var grain = TestCluster.Company("example.com");
        var gone = cluster.Silo();
        await cluster.TellAsync(grain);
        await gone.RunAsync();
        await cluster.TellAsync(grain);

        var next = cluster.Silo(options => options.StealAfter = TimeSpan.FromMilliseconds(100));
        await next.StartAsync();

        await cluster.EmptyAsync();
        Assert.Equal(next.Id, await cluster.Database.ValueAsync<Guid>("SELECT silo FROM partition WHERE id = $1", MailboxPartition.Of(grain)));
    }

    // As of a silo that is frozen while it reads: its session isn't idle, and sends on as soon as somebody reads.
    [Fact]
    public async Task A_silo_that_hangs_in_the_middle_of_an_answer_loses_its_session_and_its_partition()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var grain = TestCluster.Company("example.com");
        await cluster.TellAsync(grain);
        await cluster.Silo().RunAsync();
        await using var frozen = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { ApplicationName = "crmgrains-silo", Pooling = false }.ConnectionString);
        await frozen.OpenAsync();
        await using var hang = new NpgsqlCommand(
            $"BEGIN; SELECT FROM partition WHERE id = {MailboxPartition.Of(grain)} FOR UPDATE; SELECT repeat('x', 1000) FROM generate_series(1, 1000000)", frozen);
        var answer = await hang.ExecuteReaderAsync();
        await answer.NextResultAsync();
        await cluster.TellAsync(grain);

        var next = cluster.Silo();
        await next.StartAsync();

        await cluster.EmptyAsync();
        Assert.Equal(next.Id, await cluster.Database.ValueAsync<Guid>("SELECT silo FROM partition WHERE id = $1", MailboxPartition.Of(grain)));
        await Assert.ThrowsAnyAsync<NpgsqlException>(async () =>
        {
            while (await answer.ReadAsync())
            {
                // What was on its way still arrives.
            }
        });
    }

    [Fact]
    public async Task A_partition_of_another_silo_is_left_alone_until_its_messages_have_waited()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var grain = TestCluster.Company("example.com");
        var owner = cluster.Silo();
        await cluster.TellAsync(grain);
        await owner.RunAsync();
        await cluster.TellAsync(grain);

        Assert.Equal(0, await cluster.Silo(options => options.StealAfter = TimeSpan.FromMinutes(1)).RunAsync());
        Assert.Equal(1, await owner.RunAsync());
    }

    [Fact]
    public async Task Two_silos_that_run_a_partition_in_turns_never_use_a_stale_state()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var grain = TestCluster.Company("example.com");
        var silos = new[] { cluster.Silo(), cluster.Silo() };
        for (var i = 0; i < 10; i++)
        {
            await cluster.TellAsync(grain);
            Assert.Equal(1, await silos[i % 2].RunAsync());
        }

        Assert.Equal(
            Enumerable.Range(1, 10).Select(version => (long)version),
            await cluster.Database.ListAsync<long>("SELECT version FROM ledger ORDER BY partition, position"));
        Assert.Contains("\"seen\":10", await cluster.Database.ValueAsync<string>("SELECT state FROM grain"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_partition_that_was_claimed_and_found_empty_keeps_its_owner()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var grain = TestCluster.Company("example.com");
        var (first, second) = (cluster.Silo(options => options.BatchSize = 1), cluster.Silo());
        await cluster.TellAsync(grain);
        await first.RunAsync();
        await cluster.TellAsync(grain);
        await second.RunAsync();

        // Two partitions are claimed for their timers, but the batch has room for one only.
        var other = (MailboxPartition.Of(grain) + 1) % MailboxPartition.Count;
        await cluster.Database.ExecuteAsync("""
            INSERT INTO timer (partition, grain, name, due_at)
            VALUES ($1, 'acme/company/a', 'first', '2020-01-01'), ($2, $3, 'second', '2021-01-01')
            """, other, MailboxPartition.Of(grain), grain.ToString());
        await first.RunAsync();
        await cluster.TellAsync(grain);
        await first.RunUntilIdleAsync();

        Assert.Equal(
            [1, 2, 3], await cluster.Database.ListAsync<long>("SELECT version FROM ledger WHERE version > 0 ORDER BY partition, position"));
    }
}
