using CrmGrains.Faults.Kinds;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Faults;

/// <summary>Silos that die, hang, or have another time: nothing is lost, doubled or reordered, and others go on.</summary>
[Collection(FaultyCluster.Name)]
public sealed class SiloFaultTests(FaultyCluster faulty, ITestOutputHelper output)
{
    private const int KillsInARow = 4;

    [Fact]
    public Task Silos_that_are_killed_one_after_the_other_under_load_lose_nothing_and_repeat_nothing() => faulty.RunAsync(output, async _ =>
    {
        for (var kill = 0; kill < KillsInARow; kill++)
        {
            await faulty.StrikeAsync("kill", silo: kill % faulty.Cluster.Silos.Count);
            await faulty.MoreTurnsAsync(20);
        }
    });

    [Fact]
    public Task A_silo_that_hangs_in_the_middle_of_a_batch_is_replaced_and_what_it_writes_later_does_not_land() =>
        FreezeAsync(TimeSpan.FromSeconds(8));

    [Fact]
    [Trait("Category", "Long")]
    public Task Neither_does_it_after_half_a_minute() => FreezeAsync(TimeSpan.FromSeconds(30));

    [FaultFact("clock")]
    public async Task Silos_whose_clocks_are_two_hours_apart_agree()
    {
        var cluster = faulty.Cluster;
        try
        {
            await faulty.RunAsync(output, async _ =>
            {
                await faulty.StrikeAsync("clock", silo: 0, draw: 0);
                await faulty.StrikeAsync("clock", silo: 1, draw: 1);
                foreach (var silo in cluster.Silos.Take(2))
                {
                    var id = await silo.Process.Silo;
                    await faulty.WithOnlyAsync(silo, $"turns of {silo.Name}, whose clock is wrong", async () => await TurnsOfAsync(id) > 0);
                }

                await faulty.MoreTurnsAsync(20);
            });
            Assert.Equal([1, -1], cluster.Silos.Take(2).Select(silo => HoursFast(silo.Process.Tail())));
        }
        finally
        {
            foreach (var silo in cluster.Silos)
            {
                await silo.KillAsync();
                await silo.StartAsync(CancellationToken.None);
            }
        }
    }

    private Task FreezeAsync(TimeSpan atLeast) => faulty.RunAsync(output, async _ =>
    {
        var silo = await FreezeSilo.FreezeInABatchAsync(faulty.Cluster, CancellationToken.None);
        var frozenAt = await faulty.Database.ValueAsync<DateTime>("SELECT clock_timestamp()");
        var began = TimeProvider.System.GetTimestamp();
        var id = await silo.Process.Silo;
        long before;
        try
        {
            await FaultyCluster.UntilAsync("turns of the deliveries that the frozen silo had in its hands, by others", async () =>
                await faulty.Database.ValueAsync<long>("""
                    SELECT count(*) FROM raw_event r WHERE r.received_at < $1
                        AND NOT EXISTS (SELECT FROM ledger l WHERE l.event_id = r.event_id)
                    """, frozenAt) == 0);
            output.WriteLine(
                $"Work of the frozen silo went on elsewhere after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s.");
            // Not earlier: PostgreSQL may still have been writing the end of another batch that the silo had told it to commit.
            before = await TurnsOfAsync(id);
            await FaultyCluster.UntilAsync(
                $"{atLeast} to pass", () => Task.FromResult(TimeProvider.System.GetElapsedTime(began) >= atLeast));
            Assert.Equal(before, await TurnsOfAsync(id));
        }
        finally
        {
            silo.Process.Thaw();
            silo.Turn.Release();
        }

        await FaultyCluster.UntilAsync("word of the thawed silo that its batch was rolled back", () =>
            Task.FromResult(silo.Process.Tail().Contains("A batch was rolled back", StringComparison.Ordinal)));
        // What it had in its hands was handled once, by others; and it works again once it is needed, which it isn't while they keep up.
        await faulty.WithOnlyAsync(silo, "new turns of the thawed silo", async () => await TurnsOfAsync(id) > before);
    });

    private Task<long> TurnsOfAsync(Guid silo) => faulty.Database.ValueAsync<long>("SELECT count(*) FROM ledger WHERE silo = $1", silo);

    // Its lines begin with what time it takes it to be.
    private static double HoursFast(string log) =>
        Math.Round((DateTimeOffset.Parse(log.Split('\n')[0].Split(' ')[0]) - TimeProvider.System.GetUtcNow()).TotalHours);
}
