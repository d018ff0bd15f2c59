using CrmGrains.Core.Actions;
using CrmGrains.Core.Autonomy;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Tests.Autonomy;

public sealed class AutonomyRuleTests
{
    private static readonly RiskPolicy Policy = new();

    [Theory]
    [InlineData(73, 73, true)]
    [InlineData(72, 72, false)]  // the bound is just below 95 %
    [InlineData(49, 49, false)]
    [InlineData(198, 200, true)]
    [InlineData(190, 200, false)]
    public void It_is_proposed_once_enough_answers_say_so_surely_enough(int accepted, int decided, bool isProposed) =>
        Assert.Equal(isProposed ? AutonomyStep.Propose : AutonomyStep.None, Judge("set_owner", new("set_owner", decided, accepted)));

    [Theory]
    [InlineData("refund")]
    [InlineData("expose_data")]
    [InlineData("add_note")]  // goes without a person anyway
    public void What_is_critical_is_never_proposed_nor_is_what_needs_nobody(string action) =>
        Assert.Equal(AutonomyStep.None, Judge(action, new(action, 1_000, 1_000)));

    [Fact]
    public void What_the_business_wants_put_before_a_person_isnt_proposed()
    {
        var policy = Policy with { Actions = new Dictionary<string, ActionPolicy> { ["set_owner"] = new() { Mode = ActionMode.Review } } };

        Assert.Equal(AutonomyStep.None, AutonomyRule.Judge(Type("set_owner"), policy, new("set_owner", 1_000, 1_000), isGranted: false).Step);
    }

    [Fact]
    public void One_that_was_undone_or_a_spike_of_failures_or_overrides_ends_it()
    {
        var tally = new ActionTally("set_owner", 100, 100);

        Assert.Equal(AutonomyStep.None, Judge("set_owner", tally, isGranted: true));
        Assert.Equal(AutonomyStep.Demote, Judge("set_owner", tally with { Undone = 1 }, isGranted: true));
        Assert.Equal(AutonomyStep.None, Judge("set_owner", tally with { Failed = 2 }, isGranted: true));
        Assert.Equal(AutonomyStep.Demote, Judge("set_owner", tally with { Failed = 3 }, isGranted: true));
        Assert.Equal(AutonomyStep.None, Judge("set_owner", tally with { DecidedSince = 4, AcceptedSince = 0 }, isGranted: true));
        Assert.Equal(AutonomyStep.None, Judge("set_owner", tally with { DecidedSince = 5, AcceptedSince = 4 }, isGranted: true));
        Assert.Equal(AutonomyStep.Demote, Judge("set_owner", tally with { DecidedSince = 5, AcceptedSince = 3 }, isGranted: true));
        Assert.Equal(AutonomyStep.Demote, Judge("refund", tally, isGranted: true));
    }

    private static ActionType Type(string action) => ActionType.Find(action) ?? throw new InvalidOperationException($"There is no action {action}.");

    private static AutonomyStep Judge(string action, ActionTally tally, bool isGranted = false) =>
        AutonomyRule.Judge(Type(action), Policy, tally, isGranted).Step;
}
