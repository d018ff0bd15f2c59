using CrmGrains.Checker;

namespace CrmGrains.Tests.Checker;

public sealed class OrderLawTests
{
    // Leads 1, 3 and 5 are of one customer.
    [Fact]
    public void Events_in_the_order_of_their_acknowledgements_are_not_accused() => Assert.Empty(Check(CleanRun.History));

    [Fact]
    public void An_event_that_a_later_one_overtook_is_found()
    {
        var violation = Assert.Single(Check(Swapped(CleanRun.History)));

        Assert.Equal((ViolationKind.Reordered, CleanRun.Customer(1).ToString()), (violation.Kind, violation.Subject));
    }

    [Fact]
    public void Events_that_were_under_way_at_the_same_time_may_come_in_any_order()
    {
        var sentEarly = Swapped(CleanRun.History).WithDelivery(3, delivery => delivery with { SentAt = TimeSpan.FromSeconds(1.4) });

        Assert.Empty(Check(sentEarly));
    }

    [Fact]
    public void A_first_attempt_without_an_answer_is_when_an_event_was_sent()
    {
        var history = Swapped(CleanRun.History);
        var lost = history.Deliveries[2] with { SentAt = TimeSpan.FromSeconds(1.2), AnsweredAt = null, Status = null, EventId = null };

        Assert.Empty(Check(history with { Deliveries = [.. history.Deliveries, lost] }));
    }

    [Fact]
    public void Events_of_different_sources_may_come_in_any_order() =>
        Assert.Empty(Check(Swapped(CleanRun.History).WithDelivery(3, delivery => delivery with { Source = "other" })));

    [Fact]
    public void What_lay_in_the_dead_letters_in_between_may_come_late()
    {
        var history = Swapped(CleanRun.History);
        var died = history.TurnOf(1) with { Position = 0, Version = 0, MessageId = 98, Outcome = EntryKind.DeadLettered };

        Assert.Empty(Check(history with { Turns = [.. history.Turns, died] }));
    }

    [Fact]
    public void The_third_event_before_the_first_is_found_although_the_second_is_between_them()
    {
        var (one, three, five) = (
            CleanRun.History.TurnOf(1).Position, CleanRun.History.TurnOf(3).Position, CleanRun.History.TurnOf(5).Position);
        var history = CleanRun.History
            .WithTurn(5, turn => turn with { Position = one })
            .WithTurn(3, turn => turn with { Position = three, EventId = A.Id(1) })
            .WithTurn(1, turn => turn with { Position = five });

        Assert.Equal(ViolationKind.Reordered, Assert.Single(Check(history)).Kind);
    }

    private static History Swapped(History history)
    {
        var (one, three) = (history.TurnOf(1), history.TurnOf(3));
        return history
            .WithTurn(1, turn => turn with { Position = three.Position, Version = three.Version })
            .WithTurn(3, turn => turn with { Position = one.Position, Version = one.Version });
    }

    private static IReadOnlyList<Violation> Check(History history) =>
        HistoryChecker.Check(history, CleanRun.Options(Laws.Order)).Violations;
}
