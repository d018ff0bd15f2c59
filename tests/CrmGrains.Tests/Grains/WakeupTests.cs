using CrmGrains.Runtime.Silos;

namespace CrmGrains.Tests.Grains;

public sealed class WakeupTests
{
    private readonly Wakeups _wakeups = new(TimeProvider.System);

    [Fact]
    public async Task A_call_for_a_partition_that_nobody_is_known_to_have_is_ours()
    {
        _wakeups.MailboxesFilled([7]);

        Assert.Equal(Call.OfOurs, await WaitAsync());
    }

    [Fact]
    public async Task A_call_for_others_partitions_is_only_a_hint()
    {
        _wakeups.AreOthers([7, 8]);
        _wakeups.MailboxesFilled([8]);

        Assert.Equal(Call.OfAnother, await WaitAsync());
    }

    [Fact]
    public async Task One_partition_of_ours_among_others_makes_the_call_ours()
    {
        _wakeups.AreOthers([7, 8]);
        _wakeups.MailboxesFilled([7, 9]);

        Assert.Equal(Call.OfOurs, await WaitAsync());
    }

    [Fact]
    public async Task A_partition_that_was_taken_over_is_ours_again()
    {
        _wakeups.AreOthers([7]);
        _wakeups.AreOurs([7]);
        _wakeups.MailboxesFilled([7]);

        Assert.Equal(Call.OfOurs, await WaitAsync());
    }

    [Fact]
    public async Task A_signal_behind_a_hint_is_not_lost()
    {
        _wakeups.Mailboxes.Hint();
        _wakeups.Mailboxes.Signal();

        Assert.Equal(Call.OfOurs, await WaitAsync());
    }

    [Fact]
    public async Task A_call_for_what_a_worker_has_in_hand_wakes_nobody_but_is_counted()
    {
        _wakeups.IsInHand(7);
        _wakeups.IsInHand(8);
        var before = _wakeups.Mailboxes.Count;

        _wakeups.MailboxesFilled([7, 8]);

        Assert.True(_wakeups.Mailboxes.Count > before);
        Assert.Equal(Call.None, await _wakeups.Mailboxes.WaitAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None));
    }

    [Fact]
    public async Task A_call_is_for_everybody_again_once_a_worker_has_let_go_or_where_there_is_more_than_it_has()
    {
        _wakeups.IsInHand(7);
        _wakeups.MailboxesFilled([7, 8]);
        Assert.Equal(Call.OfOurs, await WaitAsync());

        _wakeups.AreFree([7]);
        _wakeups.MailboxesFilled([7]);
        Assert.Equal(Call.OfOurs, await WaitAsync());
    }

    [Fact]
    public void A_silo_is_behind_once_it_leaves_deliveries_behind_again_and_again()
    {
        _wakeups.TookDeliveries(leavesMore: true);
        _wakeups.TookDeliveries(leavesMore: true);
        Assert.False(_wakeups.IsBehind);

        _wakeups.TookDeliveries(leavesMore: true);
        Assert.True(_wakeups.IsBehind);

        _wakeups.TookDeliveries(leavesMore: false);
        Assert.False(_wakeups.IsBehind);
    }

    [Fact]
    public async Task Nobody_is_called_for_nothing() =>
        Assert.Equal(Call.None, await _wakeups.Mailboxes.WaitAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None));

    [Fact]
    public void News_are_told_once_and_read_as_they_were_written()
    {
        _wakeups.MailboxesFilled([3, 1_000]);
        _wakeups.CommandsQueued();

        var read = News.Read(_wakeups.TakeNews().ToPayload("me"), "you");
        var next = News.Read(_wakeups.TakeNews().ToPayload("me"), "you");

        Assert.Equal([3, 1_000], read?.Filled?.Order());
        Assert.True(read?.HasCommands);
        Assert.Empty(next?.Filled ?? [0]);
        Assert.False(next?.HasCommands);
    }

    [Fact]
    public void Our_own_news_are_none() => Assert.Null(News.Read(new News([1], true).ToPayload("me"), "me"));

    [Theory]
    [InlineData("8f1c")]
    [InlineData("other c 1,x")]
    [InlineData("")]
    public void What_another_version_tells_may_be_about_anything(string payload)
    {
        var news = News.Read(payload, "me");

        Assert.Equal((null, true), (news?.Filled, news?.HasCommands));
    }

    [Fact]
    public void News_of_too_many_partitions_are_about_all_of_them()
    {
        var payload = new News([.. Enumerable.Range(0, 5_000)], HasCommands: false).ToPayload("me");

        Assert.True(payload.Length < 8_000);
        Assert.Equal((null, false), (News.Read(payload, "you")?.Filled, News.Read(payload, "you")?.HasCommands));
    }

    private Task<Call> WaitAsync() => _wakeups.Mailboxes.WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
}
