using System.Text;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Silos;

namespace CrmGrains.Tests.Grains;

public sealed class BatchSplittingTests
{
    private const int Share = 500;

    [Fact]
    public void The_bad_one_of_500_messages_is_alone_after_nine_halvings_and_named_by_the_tenth_failure()
    {
        var splitting = new BatchSplitting();
        var queue = Enumerable.Range(1, 500).Select(id => Message(1, id)).ToList();
        var failures = 0;
        while (queue.Count > 0)
        {
            var batch = queue.Take(splitting.Limit(1, Share)).ToList();
            if (batch.Any(message => message.Id == 333) && splitting.Poisoned(batch).Count == 0)
            {
                Assert.True(splitting.Failed(batch, "bad"));
                Assert.InRange(++failures, 1, 40);
                continue;
            }

            Assert.All(splitting.Poisoned(batch), poisoned => Assert.Equal((333, "bad"), (poisoned.Key, poisoned.Value)));
            splitting.Committed(batch, Share);
            queue.RemoveRange(0, batch.Count);
        }

        Assert.False(splitting.IsSuspect(1));
        Assert.Empty(splitting.Poisoned([Message(1, 333)]));
    }

    [Fact]
    public void Suspect_partitions_run_alone_and_by_turns_with_the_healthy_ones()
    {
        var splitting = new BatchSplitting();
        splitting.Failed([Message(2, 1), Message(2, 2)], "bad");

        var batches = Enumerable.Range(0, 4).Select(_ => string.Join(',', splitting.Choose([1, 2, 3]))).ToList();

        Assert.Equal(["1,3", "2", "1,3", "2"], batches);
        Assert.Equal([2], splitting.Choose([2]));
        Assert.Equal([1, 3], splitting.Choose([1, 3]));
    }

    [Fact]
    public void A_partition_that_is_emptied_is_no_longer_suspect()
    {
        var splitting = new BatchSplitting();
        splitting.Failed([.. Enumerable.Range(1, 100).Select(id => Message(1, id))], "bad");

        splitting.Committed([Message(1, 1)], Share);

        Assert.Equal(Share, splitting.Limit(1, Share));
    }

    [Fact]
    public void A_message_that_cannot_be_put_away_either_is_no_progress()
    {
        var splitting = new BatchSplitting();

        Assert.True(splitting.Failed([Message(1, 1)], "bad"));
        Assert.False(splitting.Failed([Message(1, 1)], "worse"));
    }

    [Fact]
    public void A_bad_timer_is_told_from_other_timers_by_what_it_says()
    {
        var splitting = new BatchSplitting();
        splitting.Failed([Message(1, 0, "bad")], "reason");

        Assert.Single(splitting.Poisoned([Message(1, 0, "bad")]));
        Assert.Empty(splitting.Poisoned([Message(1, 0, "good")]));
        Assert.Empty(splitting.Poisoned([Message(2, 0, "bad")]));
        Assert.Empty(splitting.Poisoned([Message(1, 0, "good"), Message(1, 0, "bad")]));
    }

    private static MailboxMessage Message(int partition, long id, string body = "{}") => new()
    {
        Id = id, Partition = partition, Workspace = "acme", Grain = "acme/company/a", Kind = "x", Body = Encoding.UTF8.GetBytes(body),
    };
}
