using System.Diagnostics;
using System.Globalization;
using CrmGrains.FaultProxy;
using CrmGrains.IntegrationTests.EndToEnd;
using CrmGrains.IntegrationTests.Engine;
using Npgsql;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Faults;

/// <summary>A silo whose way to PostgreSQL is bad does everything once all the same.</summary>
public sealed class ProxySiloTests(ITestOutputHelper output)
{
    private const string Commit = "COMMIT";

    [Theory]
    [InlineData(-6)]
    [InlineData(-3)]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_commit_whose_answer_is_lost_is_neither_repeated_nor_lost(int bytes)
    {
        await using var cluster = await TestCluster.CreateAsync();
        await using var way = ProxiedPostgres.Before(cluster.ConnectionString);
        var silo = cluster.SiloOn(way.ConnectionString);
        await TellAsync(cluster, 3);
        Assert.Equal(3, await silo.RunAsync());
        await TellAsync(cluster, 3);

        way.Proxy.EndAllAt(new Cut(Direction.ToClient, bytes) { After = Commit });
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => silo.RunAsync());

        Assert.Equal((6L, 0L), (await cluster.CountAsync("ledger"), await cluster.CountAsync("message")));
        await TellAsync(cluster, 3);
        await RunAllAsync(cluster, silo);
        await IsDoneOnceAsync(cluster, 9);
    }

    [Theory]
    [InlineData(-6)]
    [InlineData(-1)]
    public async Task A_batch_whose_commit_never_reaches_the_server_is_undone_and_done_again(int bytes)
    {
        await using var cluster = await TestCluster.CreateAsync();
        await using var way = ProxiedPostgres.Before(cluster.ConnectionString);
        var silo = cluster.SiloOn(way.ConnectionString);
        await TellAsync(cluster, 3);
        Assert.Equal(3, await silo.RunAsync());
        await TellAsync(cluster, 3);

        // It is prepared at its second use, so its text is still on the wire here.
        way.Proxy.EndAllAt(new Cut(Direction.ToServer, bytes) { After = Commit });
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => silo.RunAsync());

        Assert.Equal((3L, 3L), (await cluster.CountAsync("ledger"), await cluster.CountAsync("message")));
        await RunAllAsync(cluster, silo);
        await IsDoneOnceAsync(cluster, 6);
    }

    [Theory]
    [InlineData(Direction.ToServer)]
    [InlineData(Direction.ToClient)]
    public async Task A_connection_may_be_cut_at_any_byte_of_a_batch(Direction direction)
    {
        await using var cluster = await TestCluster.CreateAsync();
        await using var way = ProxiedPostgres.Before(cluster.ConnectionString);
        var silo = cluster.SiloOn(way.ConnectionString);
        for (var warm = 0; warm < 4; warm++)
        {
            await TellAsync(cluster, 2);
            await silo.RunAsync();
        }

        var before = way.Proxy.Connections[0].Passed(direction);
        await TellAsync(cluster, 2);
        await silo.RunAsync();
        var total = way.Proxy.Connections[0].Passed(direction) - before;

        // All over the batch, and each of the last bytes, which are the commit or its answer.
        var places = Enumerable.Range(0, 24).Select(part => part * total / 24).Concat(Enumerable.Range(1, 40).Select(last => total - last)).ToList();
        var cut = 0;
        foreach (var place in places)
        {
            await TellAsync(cluster, 2);
            way.Proxy.EndAllAt(new Cut(direction, place) { Ending = place % 2 == 0 ? Ending.Close : Ending.Reset });
            cut += await RunAllAsync(cluster, silo);

            // Again a connection on which everything is prepared.
            for (var warm = 0; warm < 2; warm++)
            {
                await TellAsync(cluster, 1);
                cut += await RunAllAsync(cluster, silo);
            }
        }

        output.WriteLine($"A batch has {total} bytes {direction}; {cut} of {places.Count} cuts broke one.");
        Assert.True(cut >= places.Count / 2, $"Only {cut} of {places.Count} cuts broke a batch.");
        await IsDoneOnceAsync(cluster, 10 + (4 * places.Count));
    }

    [Theory]
    [InlineData(Flow.Hold)]
    [InlineData(Flow.Swallow)]
    public async Task A_silo_that_is_cut_off_in_a_batch_loses_its_partitions_within_seconds_and_its_late_writes_do_not_land(Flow flow)
    {
        await using var cluster = await TestCluster.CreateAsync();
        await using var way = ProxiedPostgres.Before(cluster.ConnectionString);
        var queue = await cluster.QueueAsync("form");
        for (var number = 0; number < 10; number++)
            await cluster.SendAsync(queue, "", "script", "{}");
        var (isRunning, goesOn) = (Signal(), Signal());
        var cutOff = cluster.SiloOn(way.ConnectionString, turns: new ScriptedTurns
        {
            Pause = async () =>
            {
                isRunning.TrySetResult();
                await goesOn.Task;
            },
        });
        var batch = cutOff.RunAsync();
        await isRunning.Task.WaitAsync(TimeSpan.FromSeconds(30));

        way.Proxy.Faults = LinkFaults.Silent(flow);
        goesOn.SetResult();
        var began = Stopwatch.GetTimestamp();
        var other = cluster.Silo(turns: new ScriptedTurns());
        await other.StartAsync();
        await cluster.EmptyAsync();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Taken over after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s."));

        // The network is well again: what was held arrives now.
        Assert.False(batch.IsCompletedSuccessfully);
        way.Proxy.Faults = LinkFaults.None;
        if (flow == Flow.Swallow)
            way.Proxy.EndAll(Ending.Reset);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => batch);
        Assert.Equal([other.Id], await cluster.Database.ListAsync<Guid>("SELECT DISTINCT silo FROM ledger"));
        Assert.Equal(10, await cluster.CountAsync("ledger"));
        await Flood.VerifiesAsync(cluster.Database);
    }

    [Fact]
    public async Task Delays_only_slow_things()
    {
        await using var cluster = await TestCluster.CreateAsync();
        await using var way = ProxiedPostgres.Before(cluster.ConnectionString);
        way.Proxy.Faults = LinkFaults.Slow(TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(8));
        await Engine.Leads.SendAsync(cluster, customers: 10, first: 0, count: 60);

        await cluster.SiloOn(way.ConnectionString).StartAsync();
        await cluster.SiloOn(way.ConnectionString).StartAsync();

        await cluster.EmptyAsync();
        await LeadsAreDoneOnceAsync(cluster, 60);
    }

    [Fact]
    public async Task Connections_that_break_at_random_lose_nothing_and_repeat_nothing()
    {
        await using var cluster = await TestCluster.CreateAsync();
        await using var way = ProxiedPostgres.Before(cluster.ConnectionString);
        for (var silo = 0; silo < 2; silo++)
            await cluster.SiloOn(way.ConnectionString, options => options.BatchSize = 5).StartAsync();

        var random = new Random(7);
        for (var round = 0; round < 60; round++)
        {
            await Engine.Leads.SendAsync(cluster, customers: 10, first: round * 3, count: 3);
            var connections = way.Proxy.Connections;
            if (connections.Count > 0)
                Disturb(connections[random.Next(connections.Count)], random);
            way.Proxy.RefusesNew = random.Next(8) == 0;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        way.Proxy.RefusesNew = false;
        await cluster.EmptyAsync();
        output.WriteLine($"{way.Proxy.Accepted} connections were made.");
        Assert.True(way.Proxy.Accepted > 10, "Too few connections broke.");
        await LeadsAreDoneOnceAsync(cluster, 180);
    }

    private static void Disturb(ProxyConnection connection, Random random)
    {
        var direction = random.Next(2) == 0 ? Direction.ToServer : Direction.ToClient;
        switch (random.Next(3))
        {
            case 0:
                connection.End(random.Next(2) == 0 ? Ending.Close : Ending.Reset);
                break;
            case 1:
                connection.EndAt(new Cut(direction, random.Next(4_000)));
                break;
            case 2:
                connection.EndAt(new Cut(Direction.ToClient, random.Next(-6, 3)) { After = Commit });
                break;
        }
    }

    private static async Task TellAsync(TestCluster cluster, int count)
    {
        for (var number = 0; number < count; number++)
            await cluster.TellAsync(TestCluster.Company("example.com"));
    }

    // Runs until nothing is left; the server may need a moment to notice that a connection is gone.
    private static async Task<int> RunAllAsync(TestCluster cluster, TestSilo silo)
    {
        var broken = 0;
        await Eventually.HoldsAsync("an empty mailbox", async () =>
        {
            try
            {
                await silo.RunAsync();
            }
            catch (NpgsqlException)
            {
                broken++;
            }

            return await cluster.CountAsync("message") == 0;
        });
        return broken;
    }

    private static async Task IsDoneOnceAsync(TestCluster cluster, int turns)
    {
        Assert.Equal(
            Enumerable.Range(1, turns).Select(version => (long)version),
            await cluster.Database.ListAsync<long>("SELECT version FROM ledger ORDER BY partition, position"));
        Assert.Contains($"\"seen\":{turns}", await cluster.Database.ValueAsync<string>("SELECT state FROM grain"), StringComparison.Ordinal);
        Assert.Equal(0, await cluster.CountAsync("dead_letter"));
        await Flood.VerifiesAsync(cluster.Database);
    }

    // Each lead is one turn of its customer, and what that sends is one turn each.
    private static async Task LeadsAreDoneOnceAsync(TestCluster cluster, int leads)
    {
        Assert.Equal(leads, await cluster.CountAsync("ledger", "kind = 'event_received'"));
        Assert.Equal(0, await cluster.Database.ValueAsync<long>(
            "SELECT count(*) FROM (SELECT message_id FROM ledger GROUP BY message_id HAVING count(*) > 1) doubled"));
        Assert.Equal(leads, await cluster.CountAsync("ledger", "kind = 'person_seen'"));
        Assert.Equal(0, await cluster.CountAsync("dead_letter"));
        await Flood.VerifiesAsync(cluster.Database);
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
