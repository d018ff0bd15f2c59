using CrmGrains.Core.Grains;

namespace CrmGrains.Tests.Grains;

public sealed class MailboxPartitionTests
{
    // Rows lie in these partitions: a hash that gives others orphans every grain.
    [Theory]
    [InlineData("acme/customer/c1", 51)]
    [InlineData("acme/company/example.com", 5)]
    [InlineData("acme/deal/c1/sales", 58)]
    [InlineData("büro/company/straße.de", 42)]
    [InlineData("a/b/c", 53)]
    public void The_partition_of_a_grain_never_changes(string grain, int partition) =>
        Assert.Equal(partition, MailboxPartition.Of(GrainId.Parse(grain)));

    [Fact]
    public void A_key_that_is_longer_than_the_buffer_has_a_partition_too() =>
        Assert.Equal(38, MailboxPartition.Of(GrainId.Of("acme", "customer", new string('x', 1_000))));

    [Fact]
    public void Grains_are_spread_evenly_also_where_their_keys_differ_by_a_digit_only()
    {
        var counts = Enumerable.Range(0, 64_000)
            .GroupBy(number => MailboxPartition.Of(GrainId.Of("acme", "customer", $"c{number}")))
            .ToDictionary(group => group.Key, group => group.Count());

        Assert.Equal(MailboxPartition.Count, counts.Count);
        Assert.All(counts, count => Assert.InRange(count.Value, 800, 1_200));
    }
}
