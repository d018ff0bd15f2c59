using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Faults;

/// <summary>A PostgreSQL that ends sessions, crashes, is away, has no room or no connection left: everything goes on after it.</summary>
[Collection(FaultyCluster.Name)]
public sealed class ServerFaultTests(FaultyCluster faulty, ITestOutputHelper output)
{
    private const int Refused = 503;

    [Fact]
    public Task Sessions_that_are_ended_at_random_lose_nothing() => faulty.RunAsync(output, async _ =>
    {
        for (var round = 0; round < 3; round++)
        {
            await faulty.StrikeAsync("terminate", seconds: 1, draw: 0.3 * round);
            await faulty.MoreTurnsAsync(20);
        }

        Assert.Contains("terminating connection due to administrator command", faulty.ServerLog(), StringComparison.Ordinal);
    });

    [Fact]
    public Task An_immediate_restart_under_load_loses_nothing() => faulty.RunAsync(output, async _ =>
    {
        for (var round = 0; round < 2; round++)
        {
            await faulty.StrikeAsync("restart");
            await faulty.MoreTurnsAsync(20);
        }
    });

    [Fact]
    public Task While_postgres_is_stopped_for_five_seconds_senders_are_asked_to_come_again() => StopAsync(5);

    [Fact]
    [Trait("Category", "Long")]
    public Task While_postgres_is_stopped_for_twenty_seconds_too() => StopAsync(20);

    [FaultFact("disk")]
    public Task A_disk_that_runs_full_loses_nothing_and_everything_goes_on_once_there_is_room() => faulty.RunAsync(output, async vendor =>
    {
        int Told() => vendor.Sent.Count(sent => sent.Status == Refused);
        var before = Told();
        // On a busy machine nothing may have been sent meanwhile.
        for (var round = 0; round < 4 && Told() == before; round++)
            await faulty.StrikeAsync("disk", seconds: 3);
        Assert.Contains("No space left on device", faulty.ServerLog(), StringComparison.Ordinal);
        Assert.True(Told() > before, "Nobody was told that there is no room.");
        await faulty.MoreTurnsAsync(20);
    });

    [FaultFact("fsync")]
    public Task A_flush_that_fails_loses_nothing_that_was_acknowledged() => faulty.RunAsync(output, async _ =>
    {
        await faulty.StrikeAsync("fsync", seconds: 20, draw: 0);
        Assert.Contains("PANIC:  could not fdatasync file", faulty.ServerLog(), StringComparison.Ordinal);
        await faulty.MoreTurnsAsync(20);
    });

    [Fact]
    public Task Connections_that_others_have_used_up_are_waited_for() => faulty.RunAsync(output, async _ =>
    {
        await faulty.StrikeAsync("connections", seconds: 3);
        Assert.Contains("remaining connection slots are reserved", faulty.ServerLog(), StringComparison.Ordinal);
        await faulty.MoreTurnsAsync(20);
    });

    private async Task StopAsync(double seconds)
    {
        var sent = await faulty.RunAsync(output, async _ =>
        {
            await faulty.StrikeAsync("stop", seconds: seconds);
            await faulty.MoreTurnsAsync(20);
        });
        // That each said when to come again is checked for every run.
        Assert.Contains(sent, one => one.Status == Refused);
    }
}
