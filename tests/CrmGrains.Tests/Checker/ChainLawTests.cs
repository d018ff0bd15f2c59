using CrmGrains.Checker;

namespace CrmGrains.Tests.Checker;

public sealed class ChainLawTests
{
    [Fact]
    public void Chains_that_hold_are_not_accused() => Assert.Empty(Check(CleanRun.History));

    [Fact]
    public void A_changed_column_breaks_the_chain() => IsBroken(CleanRun.History.WithTurn(3, turn => turn with { Outcome = "reject" }));

    [Fact]
    public void A_changed_detail_breaks_the_chain() =>
        IsBroken(CleanRun.History.WithTurn(3, turn => turn with { Detail = StoredText.Of("{}") }));

    [Fact]
    public void A_missing_entry_breaks_the_chain() =>
        IsBroken(CleanRun.History with { Turns = [.. CleanRun.History.Turns.Where(turn => turn.EventId != CleanRun.EventId(3))] });

    [Fact]
    public void A_missing_last_entry_breaks_the_chain() =>
        IsBroken(CleanRun.History with { Turns = [.. CleanRun.History.Turns.Where(turn => turn.EventId != CleanRun.EventId(5))] });

    [Fact]
    public void A_head_of_another_hash_breaks_the_chain() => IsBroken(CleanRun.History with
    {
        Partitions = [.. CleanRun.History.Partitions.Select((head, index) => index == 0 ? head with { HeadHash = new byte[32] } : head)],
    });

    [Fact]
    public void Entries_of_no_partition_are_found() =>
        IsBroken(CleanRun.History with { Partitions = [.. CleanRun.History.Partitions.Skip(1)] });

    [Fact]
    public void An_erased_detail_leaves_the_chain_whole() =>
        Assert.Empty(Check(CleanRun.History.WithTurn(3, turn => turn with { Detail = null, Salt = null })));

    private static void IsBroken(History history) => Assert.Equal(ViolationKind.BrokenChain, Assert.Single(Check(history)).Kind);

    private static IReadOnlyList<Violation> Check(History history) =>
        HistoryChecker.Check(history, CleanRun.Options(Laws.Chains)).Violations;
}
