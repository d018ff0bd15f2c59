using CrmGrains.Checker;

namespace CrmGrains.Tests.Checker;

public sealed class SequenceLawTests
{
    [Fact]
    public void Turns_that_follow_one_another_are_not_accused() => Assert.Empty(Check(CleanRun.History));

    [Fact]
    public void A_version_that_is_missing_is_found()
    {
        var history = CleanRun.History with { Turns = [.. CleanRun.History.Turns.Where(turn => turn.EventId != CleanRun.EventId(3))] };

        Assert.Equal(ViolationKind.BrokenSequence, Assert.Single(Check(history)).Kind);
    }

    [Fact]
    public void A_version_that_two_turns_made_is_found() =>
        Assert.Contains(
            Check(CleanRun.History.WithTurn(5, turn => turn with { Version = 2 })),
            one => one.Kind == ViolationKind.BrokenSequence && one.Detail.Contains("Version 2", StringComparison.Ordinal));

    [Fact]
    public void Versions_that_run_against_the_ledger_are_found()
    {
        var (one, three) = (CleanRun.History.TurnOf(1), CleanRun.History.TurnOf(3));
        var history = CleanRun.History
            .WithTurn(1, turn => turn with { Version = three.Version })
            .WithTurn(3, turn => turn with { Version = one.Version });

        Assert.Contains(Check(history), violation => violation.Kind == ViolationKind.BrokenSequence);
    }

    [Fact]
    public void A_batch_that_begins_before_the_one_before_has_written_is_found()
    {
        var written = CleanRun.History.TurnOf(1).WrittenAt;

        Assert.Empty(Check(CleanRun.History.WithTurn(3, turn => turn with { BeganAt = written })));
        Assert.Equal(
            ViolationKind.Overlap,
            Assert.Single(Check(CleanRun.History.WithTurn(3, turn => turn with { BeganAt = written.AddMilliseconds(-1) }))).Kind);
    }

    [Fact]
    public void Turns_of_one_batch_may_be_written_at_any_time_after_its_beginning() => Assert.Empty(Check(CleanRun.History
        .WithTurn(3, turn => turn with { BeganAt = CleanRun.History.TurnOf(1).BeganAt })));

    [Fact]
    public void Two_silos_that_began_at_the_same_instant_are_two_batches() => Assert.Equal(
        ViolationKind.Overlap,
        Assert.Single(Check(CleanRun.History.WithTurn(
            5, turn => turn with { BeganAt = CleanRun.History.TurnOf(3).BeganAt, Silo = A.Id(901) }))).Kind);

    [Fact]
    public void A_state_that_an_old_turn_wrote_last_is_found()
    {
        var history = CleanRun.History with
        {
            States = [.. CleanRun.History.States.Select(state => state with { Version = state.Version - 1 })],
        };

        Assert.Equal(2, Check(history).Count);
    }

    [Fact]
    public void A_state_without_a_turn_and_turns_without_a_state_are_found()
    {
        Assert.Equal(2, Check(CleanRun.History with { Turns = [] }).Count);
        Assert.Equal(2, Check(CleanRun.History with { States = [] }).Count);
    }

    [Fact]
    public void A_message_that_was_given_up_on_takes_no_version() => Assert.Empty(Check(CleanRun.History with
    {
        Turns =
        [
            .. CleanRun.History.Turns,
            CleanRun.History.TurnOf(5) with
            {
                Position = 99, Version = 0, MessageId = 99, Outcome = EntryKind.DeadLettered, BeganAt = A.Noon.AddHours(1),
                WrittenAt = A.Noon.AddHours(1),
            },
        ],
    }));

    private static IReadOnlyList<Violation> Check(History history) =>
        HistoryChecker.Check(history, CleanRun.Options(Laws.Sequence)).Violations;
}
