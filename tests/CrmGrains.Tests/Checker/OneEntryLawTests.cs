using CrmGrains.Checker;

namespace CrmGrains.Tests.Checker;

public sealed class OneEntryLawTests
{
    [Fact]
    public void Messages_that_were_handled_once_are_not_accused() => Assert.Empty(Check(CleanRun.History));

    [Fact]
    public void A_message_that_was_handled_twice_is_found()
    {
        var history = CleanRun.History.WithTurn(4, turn => turn with { MessageId = 3 });

        Assert.Equal(("message 3", ViolationKind.Doubled), Only(history));
    }

    [Fact]
    public void Timers_have_no_message_of_their_own() => Assert.Empty(Check(CleanRun.History
        .WithTurn(3, turn => turn with { MessageId = 0 }).WithTurn(4, turn => turn with { MessageId = 0 })));

    [Fact]
    public void A_message_that_was_handled_and_still_lies_there_is_found()
    {
        var left = new MessageLeft(4, 0, "acme", "acme/customer/c2", "command_completed", null);

        Assert.Equal(("message 4", ViolationKind.Doubled), Only(CleanRun.History with { MessagesLeft = [left] }));
    }

    [Fact]
    public void A_delivery_that_came_to_two_ends_is_found()
    {
        var again = CleanRun.History.TurnOf(2) with
        {
            Partition = 1000, Position = 9, Grain = "", Version = 0, MessageId = 99, Outcome = "ignored",
        };

        Assert.Equal(
            ($"event {CleanRun.EventId(2)}", ViolationKind.Doubled),
            Only(CleanRun.History with { Turns = [.. CleanRun.History.Turns, again] }));
    }

    [Fact]
    public void A_stored_delivery_that_nobody_handled_and_nobody_will_is_found()
    {
        var history = CleanRun.History with { RawEvents = [.. CleanRun.History.RawEvents, new RawEvent(A.Id(7), 1000, "msg_x")] };

        Assert.Equal(($"event {A.Id(7)}", ViolationKind.Unhandled), Only(history));
    }

    [Fact]
    public void A_delivery_that_waits_needs_no_entry_yet_when_the_run_was_cut() => Assert.Empty(Check(CleanRun.History with
    {
        RawEvents = [.. CleanRun.History.RawEvents, new RawEvent(A.Id(7), 1000, "msg_x")],
        MessagesLeft = [new MessageLeft(77, 1000, "acme", "", EntryKind.DeliveryReceived, A.Id(7))],
    }, isDrained: false));

    [Fact]
    public void A_delivery_that_was_given_up_on_and_sent_once_more_has_an_entry_for_each_time()
    {
        var died = CleanRun.History.TurnOf(2) with { Position = 98, Version = 0, MessageId = 98, Outcome = EntryKind.DeadLettered };
        var retried = new DeadLetter(1, "turns", died.Grain, died.Kind, died.EventId, "It broke.", "retried");
        var history = CleanRun.History with { Turns = [.. CleanRun.History.Turns, died] };

        Assert.Empty(Check(history with { DeadLetters = [retried] }));
        Assert.Equal(ViolationKind.Doubled, Only(history with { DeadLetters = [retried with { Resolution = null }] }).Kind);
    }

    private static (string Subject, ViolationKind Kind) Only(History history)
    {
        var violation = Assert.Single(Check(history, isDrained: false));
        return (violation.Subject, violation.Kind);
    }

    private static IReadOnlyList<Violation> Check(History history, bool isDrained = true) =>
        HistoryChecker.Check(history, CleanRun.Options(Laws.OneEntry) with { IsDrained = isDrained }).Violations;
}
