using CrmGrains.Intake.Loop;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Intake;

public sealed class SplitTests
{
    [Fact]
    public void The_events_of_a_delivery_have_ids_of_their_own_that_are_always_the_same() => Prop.ForAll<Guid>(delivery =>
    {
        var ids = Enumerable.Range(0, 200).Select(place => Split.PartId(delivery, place)).ToList();

        Assert.Equal(200, ids.Append(delivery).Distinct().Count() - 1);
        Assert.Equal(ids, Enumerable.Range(0, 200).Select(place => Split.PartId(delivery, place)));
        Assert.All(ids, id => Assert.Equal(7, id.Version));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    [Fact]
    public void The_id_of_a_part_is_as_old_as_its_delivery()
    {
        var delivery = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddDays(20_000));

        Assert.Equal(delivery.ToString()[..13], Split.PartId(delivery, 3).ToString()[..13]);
    }
}
