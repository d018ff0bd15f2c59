using CrmGrains.Connectors.Outbox;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using static CrmGrains.Tests.Outbox.A;

namespace CrmGrains.Tests.Outbox;

public sealed class LaneWriteTests
{
    [Fact]
    public void The_later_word_wins_and_what_only_the_earlier_one_said_stays()
    {
        var older = Command(1, UpsertContact("ada", ("city", "Bern"), ("phone", "1")));
        var newer = Command(2, UpsertContact("ada", ("city", "Rome")) with { Email = ["new@example.com", "ada@example.com"] });

        var wanted = Assert.IsType<CrmCommand.UpsertContact>(LaneWrite.Of([older, newer]).Wanted);

        Assert.Equal(["new@example.com", "ada@example.com"], wanted.Email);
        Assert.Equal(new FieldValue.Text("Rome"), wanted.Fields["city"]);
        Assert.Equal(new FieldValue.Text("1"), wanted.Fields["phone"]);
    }

    [Fact]
    public void It_carries_the_oldest_key_the_highest_attempt_and_any_doubt()
    {
        var tried = Command(1, UpsertContact("ada")) with { Attempts = 2 };
        var uncertain = Command(2, UpsertContact("ada")) with { IsUncertain = true };

        var write = LaneWrite.Of([tried, uncertain]);

        Assert.Equal(("key-1", 3, true, 2), (write.EffectKey, write.Attempt, write.IsUncertain, write.NewestId));
    }

    [Fact]
    public void A_move_of_a_deal_and_another_owner_are_not_lost_in_what_comes_after_them()
    {
        var grain = GrainId.Of("acme", GrainKind.Deal, "ada/sales");
        var plain = new CrmCommand.UpsertDeal(
            grain, new RecordRef(CrmObject.Contact, GrainId.Of("acme", GrainKind.Customer, "ada")), null, "sales", "s1", ["s0"], [], null,
            new Dictionary<string, FieldValue>());

        IEnumerable<long> Joined(CrmCommand older) => LaneWrite.Of([Command(1, older), Command(2, plain), Command(3, plain)]).Commands.Select(command => command.Id);

        Assert.Equal([1L, 2L, 3L], Joined(plain));
        Assert.Equal([1L], Joined(plain with { Stage = "s2", MoveFrom = ["s1"] }));
        Assert.Equal([1L], Joined(plain with { OwnerEmail = "bob@example.com", HandsOver = true }));
    }

    [Fact]
    public void Commands_that_can_not_be_one_write_go_one_after_the_other()
    {
        var write = LaneWrite.Of([Command(1, Note()), Command(2, Note())]);

        Assert.Equal([1L], write.Commands.Select(command => command.Id));
    }
}
