using CrmGrains.Checker;

namespace CrmGrains.Tests.Checker;

public sealed class AcknowledgedLawTests
{
    private static readonly int Repeat = CleanRun.Leads + 1;

    [Fact]
    public void Deliveries_that_came_to_an_end_are_not_accused()
    {
        var report = Report(CleanRun.History);

        Assert.Empty(report.Violations);
        Assert.Equal(CleanRun.Leads + 2, report.Acknowledged);
    }

    [Fact]
    public void A_delivery_that_is_not_stored_is_lost() => IsLost(
        "msg_2", CleanRun.History with { RawEvents = [.. CleanRun.History.RawEvents.Where(raw => raw.EventId != CleanRun.EventId(2))] });

    [Fact]
    public void A_delivery_of_which_nothing_became_is_lost() => IsLost(
        "msg_2", CleanRun.History with { Turns = [.. CleanRun.History.Turns.Where(turn => turn.EventId != CleanRun.EventId(2))] });

    [Fact]
    public void A_delivery_that_was_answered_with_the_event_of_another_is_lost() =>
        IsLost("msg_2", CleanRun.History.WithDelivery(2, delivery => delivery with { EventId = CleanRun.EventId(4) }));

    [Fact]
    public void A_delivery_that_nobody_acknowledged_may_be_missing() => Assert.Empty(Report(CleanRun.History
        .WithDelivery(2, delivery => delivery with { Status = 503, EventId = null }) with
    {
        RawEvents = [.. CleanRun.History.RawEvents.Where(raw => raw.EventId != CleanRun.EventId(2))],
    }).Violations);

    [Fact]
    public void A_delivery_that_waits_is_not_lost_where_the_run_was_cut_and_is_left_over_where_it_was_drained()
    {
        var history = CleanRun.History with
        {
            Turns = [.. CleanRun.History.Turns.Where(turn => turn.EventId != CleanRun.EventId(2))],
            MessagesLeft = [new MessageLeft(2, 1000, "acme", "", EntryKind.DeliveryReceived, CleanRun.EventId(2))],
        };

        Assert.Empty(Report(history, isDrained: false).Violations);
        Assert.Equal(ViolationKind.LeftOver, Assert.Single(Report(history).Violations).Kind);
    }

    [Fact]
    public void A_repeat_is_lost_with_what_it_repeats()
    {
        var history = CleanRun.History with { Turns = [.. CleanRun.History.Turns.Where(turn => turn.EventId != CleanRun.EventId(1))] };

        Assert.Equal(2, Report(history).Lost);
    }

    [Fact]
    public void An_event_that_was_dropped_as_the_repeat_of_another_fact_is_lost() =>
        IsLost("msg_7", CleanRun.History.WithDelivery(Repeat, delivery => delivery with { Fact = "something else" }));

    [Fact]
    public void A_fact_that_two_turns_were_told_is_doubled()
    {
        var violation = Assert.Single(Report(CleanRun.History.WithDelivery(3, delivery => delivery with { Fact = "lead_2" })).Violations);

        Assert.Equal(ViolationKind.Doubled, violation.Kind);
    }

    [Fact]
    public void A_delivery_that_was_answered_with_two_events_is_doubled()
    {
        var again = CleanRun.History.Deliveries[1] with { EventId = CleanRun.EventId(3), Fact = null };

        Assert.Contains(
            Report(CleanRun.History with { Deliveries = [.. CleanRun.History.Deliveries, again] }).Violations,
            violation => violation.Kind == ViolationKind.Doubled);
    }

    private static void IsLost(string deliveryId, History history)
    {
        var report = Report(history);
        var violation = Assert.Single(report.Violations);
        Assert.Equal((ViolationKind.Lost, $"delivery acme/form/{deliveryId}"), (violation.Kind, violation.Subject));
        Assert.Equal(1, report.Lost);
    }

    private static CheckReport Report(History history, bool isDrained = true) =>
        HistoryChecker.Check(history, CleanRun.Options(Laws.Acknowledged) with { IsDrained = isDrained });
}
