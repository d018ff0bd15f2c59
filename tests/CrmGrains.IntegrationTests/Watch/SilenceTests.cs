using CrmGrains.Core.Configuration;
using CrmGrains.IntegrationTests.Engine;

namespace CrmGrains.IntegrationTests.Watch;

public sealed class SilenceTests
{
    private static readonly ExpectedRhythm SixHours = new ExpectedRhythm.Every(TimeSpan.FromHours(6));

    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task A_silence_is_told_once_whoever_judges_it_and_ends_with_the_next_delivery()
    {
        await using var source = await HeardAsync();
        var silos = Enumerable.Range(0, 4).Select(_ => source.Silo()).ToList();

        await Task.WhenAll(silos.Select(silo => silo.Silence.TickAsync(Now.AddHours(7), CancellationToken.None)));
        await silos[0].RunAsync();
        await silos[1].Silence.TickAsync(Now.AddHours(8), CancellationToken.None);
        await silos[0].RunAsync();

        Assert.Equal(["source_silent"], await source.OutcomesAsync());
        Assert.Equal(["silence/form source_silent open"], await ReviewsAsync(source));

        await source.SendAsync();
        await silos[0].RunAsync();
        await Task.WhenAll(silos.Select(silo => silo.Silence.TickAsync(Now.AddHours(1), CancellationToken.None)));
        await silos[0].RunAsync();

        // The one that took the delivery in may have been the last to tell of it.
        await silos[1].Silence.TickAsync(Now.AddHours(1), CancellationToken.None);
        await silos[0].RunAsync();
        Assert.Equal(["silence/form source_silent heard_again"], await ReviewsAsync(source));
        Assert.Equal(["source_silent", "source_heard"], await source.OutcomesAsync());
    }

    [Fact]
    public async Task A_paused_source_may_be_silent()
    {
        await using var source = await HeardAsync();
        source.Source = source.Source with { IsPaused = true };

        await source.Silo().Silence.TickAsync(Now.AddHours(7), CancellationToken.None);

        Assert.Equal(0L, await source.Cluster.CountAsync("source_rhythm", "silent_at IS NOT NULL"));
    }

    [Fact]
    public async Task While_deliveries_wait_for_a_silo_nobody_is_silent()
    {
        await using var source = await HeardAsync();
        await source.SendAsync();

        await source.Silo().Silence.TickAsync(Now.AddHours(7), CancellationToken.None);

        Assert.Equal(0L, await source.Cluster.CountAsync("source_rhythm", "silent_at IS NOT NULL"));
    }

    private static async Task<WatchedSource> HeardAsync()
    {
        var source = await WatchedSource.CreateAsync();
        source.Source = source.Source with { Expect = SixHours };
        var silo = source.Silo();
        await source.SendAsync();
        await silo.RunAsync();
        await silo.Silence.TickAsync(Now, CancellationToken.None);
        return source;
    }

    private static Task<List<string>> ReviewsAsync(WatchedSource source) => source.Cluster.Database.ListAsync<string>(
        "SELECT key || ' ' || reason || ' ' || coalesce(resolution, 'open') FROM review");
}
