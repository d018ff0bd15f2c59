using CrmGrains.Connectors.Outbox;
using FsCheck;
using FsCheck.Fluent;
using static CrmGrains.Tests.Outbox.A;

namespace CrmGrains.Tests.Outbox;

public sealed class CommandQueueTests
{
    private readonly CommandQueue _queue = new("contact", new OutboxOptions { Capacity = 100 });

    [Fact]
    public void The_first_command_after_idleness_leaves_at_once_and_what_follows_waits_for_one_second_and_then_two()
    {
        var left = new List<double>();
        for (var tick = 0; tick <= 100; tick++)  // a command every tenth of a second
        {
            var now = Noon.AddSeconds(tick / 10.0);
            Add(tick + 1, $"c{tick}", now);
            if (Leaves(now))
                left.Add(tick / 10.0);
        }

        Assert.Equal([0, 1, 3, 5, 7, 9], left);
    }

    [Fact]
    public void After_three_seconds_of_nothing_a_command_leaves_at_once_again()
    {
        Add(1, "ada", Noon);
        Assert.True(Leaves(Noon));
        Add(2, "bob", Noon.AddSeconds(1));
        Assert.True(Leaves(Noon.AddSeconds(1)));
        Add(3, "eve", Noon.AddSeconds(2));
        Assert.Equal(Noon.AddSeconds(3), _queue.LeavesAt(Noon.AddSeconds(2), batchLimit: 10));
        Assert.True(Leaves(Noon.AddSeconds(3)));

        Add(4, "kim", Noon.AddSeconds(6));
        Assert.True(Leaves(Noon.AddSeconds(6)));
        Add(5, "lou", Noon.AddSeconds(6.1));
        Assert.Equal(Noon.AddSeconds(7), _queue.LeavesAt(Noon.AddSeconds(6.1), batchLimit: 10));
    }

    [Fact]
    public void A_full_batch_does_not_wait()
    {
        Add(1, "ada", Noon);
        Assert.True(Leaves(Noon));
        for (var id = 2; id <= 11; id++)
            Add(id, $"c{id}", Noon);

        Assert.Equal(Noon, _queue.LeavesAt(Noon, batchLimit: 10));
        Assert.Equal(Noon.AddSeconds(1), _queue.LeavesAt(Noon, batchLimit: 11));
    }

    [Fact]
    public void In_a_flood_a_batch_waits_for_the_hundred_that_will_be_there_in_five_seconds_and_in_a_brook_it_does_not()
    {
        Add(1, "ada", Noon);
        Assert.True(Leaves(Noon));
        for (var id = 2; id <= 41; id++)
            Add(id, $"c{id}", Noon);

        Assert.Equal(Noon.AddSeconds(5), _queue.LeavesAt(Noon.AddSeconds(1), batchLimit: 100));  // 40 a second
        Assert.Equal(Noon.AddSeconds(4), _queue.LeavesAt(Noon.AddSeconds(4), batchLimit: 100));  // 10 a second
    }

    [Fact]
    public void A_lane_rests_until_all_of_it_may_go()
    {
        Add(1, "ada", Noon.AddSeconds(30));
        Add(2, "ada", Noon);

        Assert.Equal(Noon.AddSeconds(30), _queue.LeavesAt(Noon, batchLimit: 10));
        Assert.Empty(_queue.Take(Noon, batchLimit: 10));
        Assert.Equal([1L, 2], Assert.Single(_queue.Take(Noon.AddSeconds(30), batchLimit: 10)).Select(command => command.Id));
    }

    [Fact]
    public void Nothing_leaves_while_the_CRM_asked_to_wait()
    {
        _queue.RestUntil(Noon.AddSeconds(10));
        Add(1, "ada", Noon);

        Assert.Equal(Noon.AddSeconds(10), _queue.LeavesAt(Noon, batchLimit: 1));
    }

    [Fact]
    public void The_rest_grows_while_the_CRM_is_away_and_is_over_when_something_works()
    {
        Assert.Equal([1, 2, 4], Enumerable.Range(0, 3).Select(_ => _queue.CameBack(isOutage: true, draw: 1).TotalSeconds));
        Assert.Equal(0, _queue.CameBack(isOutage: null, draw: 1).TotalSeconds);
        Assert.Equal(8, _queue.CameBack(isOutage: true, draw: 1).TotalSeconds);
        Assert.Equal(0, _queue.CameBack(isOutage: false, draw: 1).TotalSeconds);
        Assert.Equal(1, _queue.CameBack(isOutage: true, draw: 1).TotalSeconds);
    }

    [Fact]
    public void No_more_is_held_than_there_is_room_for_but_what_comes_back_is_never_lost()
    {
        for (var id = 1; id <= 150; id++)
            Add(id, $"c{id}", Noon);
        Assert.Equal((100, 0), (_queue.Count, _queue.Free));

        var taken = _queue.Take(Noon, batchLimit: 10).SelectMany(lane => lane).ToList();
        for (var id = 151; id <= 160; id++)
            Add(id, $"c{id}", Noon);
        taken.ForEach(_queue.Return);

        Assert.Equal((110, 0), (_queue.Count, _queue.Free));
    }

    [Fact]
    public void However_commands_arrive_each_leaves_once_and_in_order_within_its_lane() =>
        Prop.ForAll<(PositiveInt Id, byte Lane)[], PositiveInt>((arrivals, limit) =>
        {
            var queue = new CommandQueue("contact", new OutboxOptions());
            foreach (var (id, lane) in arrivals)
                queue.Add(Command(id.Get, UpsertContact($"c{lane % 5}")));

            var left = new List<QueuedCommand>();
            while (queue.Take(Noon, limit.Get) is { Count: > 0 } batch)
                left.AddRange(batch.SelectMany(lane => lane));

            return queue.Count == 0
                && left.Select(command => command.Id).Order()
                    .SequenceEqual(arrivals.Select(arrival => (long)arrival.Id.Get).Distinct().Order())
                && left.GroupBy(command => command.Lane)
                    .All(lane => lane.Select(command => command.Id).SequenceEqual(lane.Select(command => command.Id).Order()));
        }).QuickCheckThrowOnFailure();

    private void Add(long id, string customer, DateTimeOffset dueAt) =>
        _queue.Add(Command(id, UpsertContact(customer)) with { DueAt = dueAt });

    private bool Leaves(DateTimeOffset now)
    {
        if (!(_queue.LeavesAt(now, batchLimit: 100) <= now) || _queue.Take(now, batchLimit: 100).Count == 0)
            return false;
        _queue.Left(now);
        return true;
    }
}
