using CrmGrains.Connectors.Outbox;
using static CrmGrains.Tests.Outbox.A;

namespace CrmGrains.Tests.Outbox;

public sealed class MemoryTests
{
    [Fact]
    public void The_mark_moves_once_every_transaction_of_the_read_before_has_ended()
    {
        var mark = new ReadMark();

        mark.Moved(last: 50, isMoreWaiting: false, xmin: 10, xmax: 12);
        Assert.Equal(0, mark.After);
        mark.Moved(last: 60, isMoreWaiting: false, xmin: 11, xmax: 14);
        Assert.Equal(0, mark.After);
        mark.Moved(last: null, isMoreWaiting: false, xmin: 12, xmax: 14);
        Assert.Equal(50, mark.After);
    }

    [Fact]
    public void The_mark_does_not_pass_what_a_read_had_no_room_for()
    {
        var mark = new ReadMark();

        mark.Moved(last: 50, isMoreWaiting: false, xmin: 10, xmax: 12);
        mark.Moved(last: 30, isMoreWaiting: true, xmin: 12, xmax: 14);

        Assert.Equal(30, mark.After);
    }

    [Fact]
    public void The_mark_goes_back_to_what_waits_again()
    {
        var mark = new ReadMark();
        mark.Moved(last: 50, isMoreWaiting: false, xmin: 10, xmax: 12);
        mark.Moved(last: 60, isMoreWaiting: false, xmin: 12, xmax: 12);

        mark.Reopened(20);
        mark.Moved(last: null, isMoreWaiting: false, xmin: 99, xmax: 99);

        Assert.Equal(19, mark.After);
    }

    [Fact]
    public void Only_the_links_used_last_are_remembered()
    {
        var links = new LinkCache(capacity: 2);
        links.Set(ContactKey("ada"), new Link("1", null));
        links.Set(ContactKey("bob"), new Link("2", null));
        Assert.True(links.TryGet(ContactKey("ada"), out _));
        links.Set(ContactKey("eve"), new Link("3", null));

        Assert.Equal([true, false, true], new[] { "ada", "bob", "eve" }.Select(key => links.TryGet(ContactKey(key), out _)));
        Assert.Equal(2, links.Count);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("plain", "plain")]
    [InlineData("n\0l", "nl")]
    [InlineData("012345678\U0001F600", "012345678\uFFFD")]
    [InlineData("whole \U0001F600", "whole \U0001F600")]
    [InlineData("0123456789 and more", "0123456789")]
    public void Text_from_outside_is_stored_cut_and_without_what_PostgreSQL_refuses(string? text, string? stored) =>
        Assert.Equal(stored, StoredText.Of(text, text?.StartsWith('0') == true ? 10 : 100));

    [Fact]
    public void The_options_are_valid_as_they_are_and_checked()
    {
        var validator = new OutboxOptionsValidator();

        Assert.True(validator.Validate(null, new OutboxOptions()).Succeeded);
        Assert.True(validator.Validate(null, new OutboxOptions { PollInterval = TimeSpan.FromMinutes(1) }).Failed);
    }
}
