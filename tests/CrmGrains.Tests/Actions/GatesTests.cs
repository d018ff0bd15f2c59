using CrmGrains.Core.Actions;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Grains;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Actions;

public sealed class GatesTests
{
    private static readonly Gen<GateQuestion> Questions =
        from type in Gen.Elements(ActionType.All.ToArray())
        from mode in Gen.Elements(Enum.GetValues<ActionMode>())
        from least in Gen.Elements<RiskTier?>(null, RiskTier.Low, RiskTier.Medium, RiskTier.High, RiskTier.Critical)
        from advised in Gen.Elements<RiskTier?>(null, RiskTier.Medium, RiskTier.High, RiskTier.Critical)
        from confidence in Gen.Elements<double?>(null, 0.2, 0.8, 1)
        from bits in Gen.Choose(0, 31)
        select Question(type, mode, least, confidence) with
        {
            AtLeast = advised,
            IsAutomatic = (bits & 1) != 0,
            IsGranted = (bits & 2) != 0,
            IsRepeat = (bits & 4) != 0,
            Obstacle = (bits & 8) != 0 ? "no address" : null,
            Doubt = (bits & 16) != 0 ? "a gap" : null,
        };

    /// <summary>What becomes of an action as it is: by kind, by what the rule, the policy and people say, and by how sure the match is.</summary>
    [Theory]
    [InlineData("add_note", false, false, ActionMode.ByTier, 1, Verdict.Execute)]
    [InlineData("add_note", false, false, ActionMode.ByTier, 0.2, Verdict.Execute)]
    [InlineData("add_note", false, false, ActionMode.Review, 1, Verdict.Review)]
    [InlineData("add_note", false, false, ActionMode.Never, 1, Verdict.Skip)]
    [InlineData("update_contact", false, false, ActionMode.ByTier, 1, Verdict.Review)]
    [InlineData("update_contact", true, false, ActionMode.ByTier, 1, Verdict.Execute)]
    [InlineData("update_contact", true, false, ActionMode.ByTier, 0.2, Verdict.Review)]
    [InlineData("update_contact", true, false, ActionMode.Review, 1, Verdict.Review)]
    [InlineData("notify", true, false, ActionMode.ByTier, 1, Verdict.Execute)]
    [InlineData("notify", false, true, ActionMode.ByTier, 1, Verdict.Execute)]
    [InlineData("send_message", false, false, ActionMode.ByTier, 1, Verdict.Review)]
    [InlineData("send_message", true, false, ActionMode.ByTier, 1, Verdict.Review)]
    [InlineData("send_message", false, true, ActionMode.ByTier, 1, Verdict.Execute)]
    [InlineData("send_message", false, false, ActionMode.Automatic, 1, Verdict.Execute)]
    [InlineData("send_message", false, true, ActionMode.Automatic, 0.2, Verdict.Review)]
    [InlineData("create_invoice", true, false, ActionMode.ByTier, 1, Verdict.Review)]
    [InlineData("refund", true, true, ActionMode.ByTier, 1, Verdict.Task)]
    [InlineData("refund", true, true, ActionMode.Automatic, 1, Verdict.Task)]
    [InlineData("refund", false, false, ActionMode.Never, 1, Verdict.Skip)]
    public void A_kind_of_action_needs_whom_its_tier_needs(
        string name, bool isAutomatic, bool isGranted, ActionMode mode, double confidence, Verdict expected)
    {
        var question = Question(Type(name), mode, null, confidence) with { IsAutomatic = isAutomatic, IsGranted = isGranted };

        var (verdict, _, gates) = Gates.Ask(question);

        Assert.Equal(expected, verdict);
        Assert.Equal(
            [
                "trusted", "matched_confidently", "allowed", "low_risk", "approval_not_needed", "not_processed_before", "reversible", "logged",
            ],
            gates.Select(gate => gate.Name));
    }

    [Fact]
    public void What_is_critical_is_never_done_whatever_is_said_of_it() => Prop.ForAll(Questions.ToArbitrary(), question =>
    {
        var (verdict, tier, _) = Gates.Ask(question);
        return tier != RiskTier.Critical || verdict is Verdict.Task or Verdict.Skip;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_higher_tier_never_needs_fewer_people() => Prop.ForAll(Questions.ToArbitrary(), question =>
    {
        var before = Gates.Ask(question with { AtLeast = null });
        return Enum.GetValues<RiskTier>().All(tier => Gates.Ask(question with { AtLeast = tier }) is var higher
            && higher.Tier >= before.Tier && People(higher.Verdict) >= People(before.Verdict));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_policy_makes_no_tier_lower() => Prop.ForAll(
        Questions.ToArbitrary(), question => Gates.Ask(question).Tier >= question.Type.EffectiveTier).QuickCheckThrowOnFailure();

    [Fact]
    public void What_somebody_doubts_is_not_done_without_a_person() => Prop.ForAll(
        Questions.ToArbitrary(), question => question.Doubt is null || Gates.Ask(question).Verdict != Verdict.Execute).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_a_repeat_or_has_an_obstacle_is_left() => Prop.ForAll(
        Questions.ToArbitrary(),
        question => !(question.IsRepeat || question.Obstacle is not null) || Gates.Ask(question).Verdict == Verdict.Skip).QuickCheckThrowOnFailure();

    // How many people have a hand in it: a person who decides and does it has more than one who agrees.
    private static int People(Verdict verdict) => verdict switch
    {
        Verdict.Execute => 0,
        Verdict.Review => 1,
        Verdict.Task => 2,
        _ => 3,
    };

    private static GateQuestion Question(ActionType type, ActionMode mode, RiskTier? least, double? confidence) => new(
        type,
        new RiskPolicy { Actions = new Dictionary<string, ActionPolicy> { [type.Name] = new() { Mode = mode, AtLeast = least } } },
        confidence is { } sure ? new IdentityMatch("email", sure, ["email"]) : null);

    private static ActionType Type(string name) => ActionType.Find(name) ?? throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such action.");
}
