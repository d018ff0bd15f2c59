using CrmGrains.Checker;

namespace CrmGrains.Tests.Checker;

public sealed class EffectLawTests
{
    [Fact]
    public void Things_that_the_crm_did_once_are_not_accused() => Assert.Empty(Check(CleanCrm.Crm));

    [Fact]
    public void A_contact_that_is_there_twice_is_found_by_its_address() =>
        IsDoubled(With(CleanCrm.Record("contact", "c9", ("email", "ANN@example.com"))));

    [Fact]
    public void A_company_that_is_there_twice_is_found_by_its_domain() =>
        IsDoubled(With(CleanCrm.Record("company", "k9", ("domain", "example.com"))));

    [Fact]
    public void A_second_open_deal_of_a_contact_in_one_pipeline_is_found() => IsDoubled(Deal("false", "sales"));

    [Fact]
    public void A_second_deal_may_be_closed_or_in_another_pipeline()
    {
        Assert.Empty(Check(Deal("true", "sales")));
        Assert.Empty(Check(Deal("false", "support")));
    }

    [Fact]
    public void A_note_that_was_written_twice_is_found() => Assert.All(
        Check(With(CleanCrm.Note("n9", CleanCrm.Key(2)))), violation => Assert.Equal(ViolationKind.DoubledEffect, violation.Kind));

    [Fact]
    public void A_note_that_was_written_twice_is_found_although_one_is_gone_again()
    {
        var gone = new CrmEffect(7, "created", "note", "n9", null, null, CleanCrm.Note("n9", CleanCrm.Key(2)).Properties);

        Assert.NotEmpty(Check(CleanCrm.Crm with { Effects = [.. CleanCrm.Crm.Effects, gone] }));
    }

    [Fact]
    public void Two_notes_for_two_deliveries_of_one_fact_are_one_too_many() =>
        IsDoubled(With(CleanCrm.Note("n9", $"{CleanRun.EventId(CleanRun.Leads + 1)}/3/note/write_note")));

    [Fact]
    public void A_pair_that_is_told_twice_is_found() =>
        IsDoubled(CleanCrm.Crm with { Pairs = [.. CleanCrm.Crm.Pairs, CleanCrm.Crm.Pairs[0]] });

    [Theory]
    [InlineData("n3", "No note carries its mark.")]
    [InlineData("c1", "There is no contact 'c1'.")]
    public void A_command_that_succeeded_without_its_record_is_found(string missing, string detail)
    {
        var crm = CleanCrm.Crm with { Records = [.. CleanCrm.Crm.Records.Where(record => record.Id != missing)] };
        crm = crm with { Effects = [] };

        Assert.Equal((ViolationKind.MissingEffect, detail), Check(crm).Select(one => (one.Kind, one.Detail)).Single());
        Assert.Empty(Check(crm, isCrmHealthy: false));
    }

    [Fact]
    public void A_link_that_succeeded_without_its_pair_is_found() => Assert.Equal(
        "contact c1 and company k1 aren't associated.",
        Assert.Single(Check(CleanCrm.Crm with { Pairs = [.. CleanCrm.Crm.Pairs.Skip(1)] })).Detail);

    [Fact]
    public void A_command_that_is_still_open_is_left_over()
    {
        var history = CleanRun.History with { Commands = [.. CleanCrm.Commands.Select(command => command with { State = "sent" })] };

        Assert.All(Check(CleanCrm.Crm, history: history), violation => Assert.Equal(ViolationKind.LeftOver, violation.Kind));
        Assert.Empty(Check(CleanCrm.Crm, isDrained: false, history: history));
    }

    [Fact]
    public void The_crm_must_have_been_asked() => Assert.Throws<ArgumentException>(() => HistoryChecker.Check(
        CleanRun.History with { Crm = null }, CleanRun.Options(Laws.Effects)));

    private static CrmHistory With(CrmRecord record) => CleanCrm.Crm with { Records = [.. CleanCrm.Crm.Records, record] };

    private static CrmHistory Deal(string isClosed, string pipeline) =>
        With(CleanCrm.Record("deal", "d9", ("pipeline", pipeline), ("hs_is_closed", isClosed))) with
        {
            Pairs = [.. CleanCrm.Crm.Pairs, new CrmPair("deal", "d9", "contact", "c1")],
        };

    private static void IsDoubled(CrmHistory crm) => Assert.Equal(ViolationKind.DoubledEffect, Assert.Single(Check(crm)).Kind);

    private static IReadOnlyList<Violation> Check(
        CrmHistory crm, bool isDrained = true, bool isCrmHealthy = true, History? history = null) => HistoryChecker.Check(
            (history ?? CleanRun.History) with { Crm = crm },
            CleanRun.Options(Laws.Effects) with { IsDrained = isDrained, IsCrmHealthy = isCrmHealthy }).Violations;
}
