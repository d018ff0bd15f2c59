using CrmGrains.Checker;

namespace CrmGrains.Tests.Checker;

public sealed class HistoryCheckerTests
{
    [Fact]
    public void A_clean_run_keeps_the_laws()
    {
        // The small run has no companies and deals that its customers would have told.
        var report = HistoryChecker.Check(CleanRun.History, CleanRun.Options(Laws.All & ~Laws.Asked));

        Assert.True(report.IsClean, report.ToString());
        Assert.Equal((8, 8, 2), (report.Acknowledged, report.Turns, report.Folded));
        Assert.Equal((0, 0, 0, 0), (report.Lost, report.Doubled, report.Overlaps, report.Reordered));
    }

    [Fact]
    public void An_empty_run_keeps_the_laws_too() => Assert.True(HistoryChecker.Check(
        new History(), new CheckOptions { Laws = Laws.InMemory, Fold = (_, _) => null }).IsClean);

    [Fact]
    public void Turns_alone_are_enough_for_the_laws_that_need_no_database()
    {
        var clean = CleanRun.History;
        var turns = new History { Turns = clean.Turns, States = clean.States, Deliveries = clean.Deliveries };

        Assert.True(HistoryChecker.Check(turns, CleanRun.Options(Laws.InMemory)).IsClean);
    }

    [Fact]
    public void A_report_counts_each_kind_and_shows_the_first_of_them()
    {
        var report = new CheckReport(5, 7, 2,
        [
            .. Enumerable.Range(1, 30).Select(number => new Violation(ViolationKind.Lost, $"delivery {number}", "It is gone.")),
            new(ViolationKind.Doubled, "message 1", "Twice."),
            new(ViolationKind.DoubledEffect, "note 1", "Twice."),
            new(ViolationKind.Overlap, "grain", "At once."),
            new(ViolationKind.Reordered, "grain", "Late."),
        ]);

        Assert.Equal((30, 2, 1, 1), (report.Lost, report.Doubled, report.Overlaps, report.Reordered));
        Assert.Contains("Lost delivery 20: It is gone.", report.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("delivery 21", report.ToString(), StringComparison.Ordinal);
        Assert.Contains("30 of Lost", report.ToString(), StringComparison.Ordinal);
    }
}
