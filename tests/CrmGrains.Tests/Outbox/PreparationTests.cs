using CrmGrains.Connectors.Outbox;
using CrmGrains.Core.Commands;
using static CrmGrains.Tests.Outbox.A;

namespace CrmGrains.Tests.Outbox;

public sealed class PreparationTests
{
    [Theory]
    [InlineData(true, "unknown", false)]
    [InlineData(true, "given up", false)]
    [InlineData(true, "linked", true)]
    [InlineData(false, "unknown", false)]
    [InlineData(false, "given up", true)]
    [InlineData(false, "linked", true)]
    public void A_command_goes_when_what_it_refers_to_is_linked_or_needless_and_given_up(bool isRequired, string record, bool goes)
    {
        var links = new Dictionary<RecordKey, Link>();
        if (record != "unknown")
            links[ContactKey("ada")] = new Link(record == "linked" ? "17" : null, WrittenFor: null);

        var prepared = Preparation.Of([LaneWrite.Of([Command(1, Note(Contact("ada", isRequired)))])], links);

        Assert.Equal(goes, prepared.Writes.Count == 1);
        Assert.Equal(goes ? [] : [ContactKey("ada")], prepared.Blocked.Select(blocked => blocked.On));
        if (goes)
            Assert.Equal(record == "linked" ? ["17"] : [], prepared.Writes[0].Write.Links.Values);
    }

    [Fact]
    public void A_command_that_is_older_than_what_the_record_was_written_for_has_nothing_left_to_say()
    {
        var links = new Dictionary<RecordKey, Link> { [ContactKey("ada")] = new("17", WrittenFor: 5) };

        var prepared = Preparation.Of(
            [LaneWrite.Of([Command(4, UpsertContact("ada"))]), LaneWrite.Of([Command(6, UpsertContact("ada"))])], links);

        Assert.Equal(
            (4, "succeeded", "17"), prepared.Overtaken.Select(command => (command.Command.Id, command.State, command.CrmId)).Single());
        Assert.Equal(("key-6", "17"), prepared.Writes.Select(write => (write.Write.EffectKey, write.Write.CrmId)).Single());
    }

    [Fact]
    public void An_older_command_that_waits_beside_a_newer_one_does_not_bring_back_what_was_overwritten_meanwhile()
    {
        var links = new Dictionary<RecordKey, Link> { [ContactKey("ada")] = new("17", WrittenFor: 6) };
        var (retried, newer) = (Command(4, UpsertContact("ada", ("city", "Bern"))), Command(7, UpsertContact("ada", ("phone", "1"))));

        var prepared = Preparation.Of([LaneWrite.Of([retried, newer])], links);

        Assert.Equal([4L], prepared.Overtaken.Select(command => command.Command.Id));
        var write = Assert.Single(prepared.Writes);
        Assert.Equal(("key-7", "17"), (write.Write.EffectKey, write.Write.CrmId));
        Assert.Equal(["phone"], ((CrmCommand.UpsertContact)write.Write.Command).Fields.Keys);
    }
}
