using CrmGrains.Checker;

namespace CrmGrains.Tests.Checker;

public sealed class FoldLawTests
{
    [Fact]
    public void States_that_their_turns_make_are_not_accused()
    {
        var report = Report(CleanRun.History);

        Assert.Empty(report.Violations);
        Assert.Equal(2, report.Folded);
    }

    [Fact]
    public void A_state_that_was_changed_beside_the_turns_is_found() => IsWrong(CleanRun.History with
    {
        States = [CleanRun.History.States[0] with { State = StoredText.Of("""{"other":1}""") }, CleanRun.History.States[1]],
    });

    [Fact]
    public void A_turn_that_was_run_and_is_in_no_state_is_found()
    {
        var (known, folded) = (CleanRun.History, CleanRun.Options(Laws.Fold).Fold);
        var stale = folded?.Invoke(CleanRun.Customer(1).ToString(), [known.TurnOf(1), known.TurnOf(3)]) ?? [];

        IsWrong(known with
        {
            States = [.. known.States.Select(state =>
                state.Grain == CleanRun.Customer(1).ToString() ? state with { State = StoredText.Of(stale) } : state)],
        });
    }

    [Fact]
    public void A_turn_that_decides_otherwise_the_second_time_is_found() =>
        IsWrong(CleanRun.History.WithTurn(3, turn => turn with { Outcome = "reject" }));

    [Fact]
    public void Turns_under_a_configuration_that_nobody_knows_are_found() => Assert.Equal(2, HistoryChecker.Check(
        CleanRun.History,
        new CheckOptions { Laws = Laws.Fold, Fold = new GrainReplay(CleanRun.History, (_, _) => null).Fold }).Violations.Count);

    [Fact]
    public void Properties_in_another_order_are_the_same_state() => Assert.Empty(HistoryChecker.Check(
        CleanRun.History with
        {
            States = [.. CleanRun.History.States.Select(state => state with { State = StoredText.Of("""{"a":1,"b":2}""") })],
        },
        new CheckOptions { Laws = Laws.Fold, Fold = (_, _) => """{"b":2,"a":1}"""u8.ToArray() }).Violations);

    [Fact]
    public void A_grain_with_an_erased_detail_is_left_out()
    {
        var report = Report(CleanRun.History.WithTurn(3, turn => turn with { Detail = null, Salt = null }));

        Assert.Empty(report.Violations);
        Assert.Equal(1, report.Folded);
    }

    [Fact]
    public void A_fold_must_be_given() => Assert.Throws<ArgumentException>(() =>
        HistoryChecker.Check(CleanRun.History, new CheckOptions { Laws = Laws.Fold }));

    private static void IsWrong(History history) => Assert.Equal(ViolationKind.WrongState, Assert.Single(Report(history).Violations).Kind);

    private static CheckReport Report(History history) => HistoryChecker.Check(history, CleanRun.Options(Laws.Fold));
}
