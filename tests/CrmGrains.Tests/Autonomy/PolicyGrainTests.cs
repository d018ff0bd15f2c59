using CrmGrains.Core.Actions;
using CrmGrains.Core.Autonomy;
using CrmGrains.Core.Grains;

namespace CrmGrains.Tests.Autonomy;

public sealed class PolicyGrainTests
{
    private static readonly TurnContext Context = A.Context with { Grain = PolicyGrain.Of("acme"), EventId = null };

    private static readonly PolicyState Granted = Handle(new(), new Message.AutonomyGranted("set_owner", "somebody", 60, 60)).State;

    [Fact]
    public void What_a_person_signed_is_kept_with_who_when_and_on_what_it_rests() =>
        Assert.Equal(new Grant("somebody", A.Noon, 60, 60), Assert.Single(Granted.Granted, pair => pair.Key == "set_owner").Value);

    [Fact]
    public void Nothing_critical_and_nothing_unknown_is_granted_whoever_signs_it() =>
        Assert.All(ActionType.All.Where(type => type.EffectiveTier == RiskTier.Critical).Select(type => type.Name).Append("no_such_action"), action =>
        {
            var turn = Handle(Granted, new Message.AutonomyGranted(action, "somebody", 1_000, 1_000));
            Assert.Equal(("reject", Granted), (turn.Decision.Outcome, turn.State));
        });

    [Fact]
    public void What_goes_wrong_ends_and_a_person_is_told_once()
    {
        var turn = Handle(Granted, new Message.AutonomyRevoked("set_owner", "2 were undone."));

        Assert.Empty(turn.State.Granted);
        Assert.Equal(A.Noon, turn.State.Ended?["set_owner"]);
        var review = Assert.IsType<Effect.OpenReview>(Assert.Single(turn.Effects));
        Assert.Equal(("autonomy/set_owner/demoted", "autonomy_demoted"), (review.Key, review.Reason));
        Assert.Contains("2 were undone.", review.Summary, StringComparison.Ordinal);
        Assert.Empty(Handle(turn.State, new Message.AutonomyRevoked("set_owner", "2 were undone.")).Effects);
    }

    [Fact]
    public void Who_ends_it_by_hand_needs_not_be_told() =>
        Assert.Empty(Handle(Granted, new Message.AutonomyRevoked("set_owner", "w", "somebody")).Effects);

    private static Turn<PolicyState> Handle(PolicyState state, Message message) => PolicyGrain.Handle(state, message, Context);
}
