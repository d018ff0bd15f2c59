using CrmGrains.Intake.Inbox;
using CrmGrains.Runtime.Silos;
using CrmGrains.Tests.Configuration;

namespace CrmGrains.Tests.Intake;

public sealed class InboxPaceTests
{
    private readonly ManualClock _clock = new();
    private readonly Wakeups _wakeups = new(TimeProvider.System);
    private readonly InboxPace _pace;

    public InboxPaceTests() => _pace = new InboxPace(_wakeups, new InboxOptions { LongestGap = TimeSpan.FromMilliseconds(5) }, _clock);

    [Fact]
    public async Task Commits_follow_each_other_at_once_while_the_silo_keeps_up()
    {
        for (var i = 0; i < 20; i++)
            Assert.Equal(TimeSpan.Zero, await CommitAsync());
    }

    [Fact]
    public async Task They_grow_apart_while_it_is_behind_up_to_a_bound_and_come_together_again()
    {
        Behind(true);
        var gaps = new List<TimeSpan>();
        for (var i = 0; i < 20; i++)
            gaps.Add(await CommitAsync());
        Behind(false);
        for (var i = 0; i < 20; i++)
            gaps.Add(await CommitAsync());

        Assert.Equal(TimeSpan.FromMilliseconds(5), gaps.Max());
        Assert.Equal(gaps.Take(20), gaps.Take(20).Order());
        Assert.Equal(gaps.Skip(20), gaps.Skip(20).OrderDescending());
        Assert.Equal(TimeSpan.Zero, gaps[^1]);
    }

    [Fact]
    public async Task The_time_that_nothing_came_counts_as_a_gap()
    {
        Behind(true);
        for (var i = 0; i < 20; i++)
            await CommitAsync();

        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(TimeSpan.Zero, await CommitAsync());
    }

    private void Behind(bool isBehind)
    {
        for (var batch = 0; batch < 3; batch++)
            _wakeups.TookDeliveries(leavesMore: isBehind);
    }

    // How long it waited.
    private async Task<TimeSpan> CommitAsync()
    {
        var began = _clock.GetUtcNow();
        var waiting = _pace.WaitAsync(CancellationToken.None).AsTask();
        while (!waiting.IsCompleted)
            _clock.Advance(TimeSpan.FromMilliseconds(0.25));
        await waiting;
        _pace.Committed();
        return _clock.GetUtcNow() - began;
    }
}
