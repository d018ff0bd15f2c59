using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Decisions;

public sealed class LeadRulesTests
{
    [Fact]
    public void A_lead_is_scored_then_qualified_by_its_score_then_routed_by_its_status()
    {
        var (routing, conditions) = LeadRules.Judge(A.Workspace, A.Lead);

        Assert.Equal(
            new Routing { LeadScore = 70, QualificationStatus = "qualified", RoutingTier = "priority", TargetPipeline = "sales", TargetOwnerRole = "closer" },
            routing with { ScoreParts = null });
        Assert.Equal([new(ScorePart.Start, 10), new("urgent", 60)], routing.ScoreParts);
        Assert.Equal(
            [
                new("scoring.urgent", "lead.urgency eq high", "high", true, 60),
                new("scoring.free_mail", "email_domain eq gmail.com", "example.com", false),
                new("qualification.qualified", "score gte 50", "70", true),
                new("routing.priority", "status eq qualified", "qualified", true),
            ],
            conditions);
    }

    [Fact]
    public void A_score_stays_between_0_and_100_and_no_rule_means_unqualified()
    {
        var lead = A.Lead with { Contact = new ContactFacts { Email = "ann@gmail.com" }, LeadContext = null };

        var (routing, _) = LeadRules.Judge(A.Workspace, lead);

        Assert.Equal((0, "unqualified", "standard", null), (routing.LeadScore, routing.QualificationStatus, routing.RoutingTier, routing.TargetOwnerRole));
        Assert.Equal([new(ScorePart.Start, 10), new("free_mail", -90), new(ScorePart.Limit, 80)], routing.ScoreParts);
    }

    [Theory]
    [InlineData(0, 60)]
    [InlineData(-5, 60)]
    [InlineData(1, 58)]
    [InlineData(15, 30)]
    [InlineData(29, 2)]
    [InlineData(30, 0)]
    [InlineData(4000, 0)]
    public void Points_that_fade_are_less_the_older_a_lead_is_when_it_is_received(int days, int points)
    {
        var workspace = Fading(60, TimeSpan.FromDays(30));
        var lead = A.Lead with { OccurredAt = A.Noon, ReceivedAt = A.Noon.AddDays(days) };

        var (routing, conditions) = LeadRules.Judge(workspace, lead);

        Assert.Equal([new(ScorePart.Start, 10), new("urgent", points)], routing.ScoreParts);
        Assert.Equal(points, conditions[0].Points);
    }

    [Theory]
    [InlineData(10, 16)]
    [InlineData(-10, 16)]
    public void Faded_points_are_whole_and_lose_their_rest_towards_zero(int points, int days) =>
        Assert.Equal(Math.Sign(points) * 4, Fading(points, TimeSpan.FromDays(30)).Scoring.Rules[0].PointsAt(TimeSpan.FromDays(days)));

    [Fact]
    public void Age_changes_a_score_by_fading_alone_and_the_hour_of_judging_not_at_all()
    {
        var late = A.Lead with { ReceivedAt = A.Noon.AddYears(3) };

        Assert.Equal(LeadRules.Judge(A.Workspace, A.Lead).Routing.ScoreParts, LeadRules.Judge(A.Workspace, late).Routing.ScoreParts);
    }

    [Fact]
    public void Parts_always_add_up_to_the_score_that_is_shown() =>
        Prop.ForAll(RandomRules.Workspaces(), RandomRules.Leads(), (workspace, lead) =>
        {
            var (routing, conditions) = LeadRules.Judge(workspace, lead);
            return routing.LeadScore is >= 0 and <= 100
                && routing.ScoreParts?.Sum(part => part.Points) == routing.LeadScore
                && routing.ScoreParts.Where(part => part.Rule is not (ScorePart.Start or ScorePart.Limit)).Sum(part => part.Points)
                    == conditions.Sum(condition => condition.Points ?? 0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void A_verdict_without_its_reasons_is_the_same() =>
        Prop.ForAll(RandomRules.Workspaces(), RandomRules.Leads(), (workspace, lead) =>
        {
            var (routing, _) = LeadRules.Judge(workspace, lead);
            return LeadRules.VerdictOf(workspace, Facts.Of(lead), LeadRules.AgeOf(lead))
                is var verdict && (verdict.Score, verdict.Status, verdict.Tier) == (routing.LeadScore, routing.QualificationStatus, routing.RoutingTier);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void A_lead_for_which_no_routing_rule_holds_has_no_tier()
    {
        var lead = A.Lead with { LeadContext = new LeadFacts { PainSummary = "spam" } };

        Assert.Null(LeadRules.Judge(A.Workspace, lead).Routing.RoutingTier);
    }

    [Fact]
    public void Every_fact_that_is_asked_for_has_a_name_that_is_listed()
    {
        var everything = A.Lead with
        {
            Contact = A.Lead.Contact with { Phone = "+15550100" },
            Attribution = new AttributionFacts
            {
                UtmSource = "a", UtmMedium = "b", UtmCampaign = "c", UtmTerm = "d", UtmContent = "e", Referrer = "https://f", LandingPage = "https://g",
            },
        };
        foreach (var name in Facts.OfLeads)
        {
            var workspace = A.Workspace with { Scoring = new() { Rules = [new("asks", 1, new Condition.Compare(name, "exists", null))] } };
            var expected = name is "score" or "status" ? 0 : 1;

            Assert.True(expected == LeadRules.Judge(workspace, everything).Routing.LeadScore, $"{name} isn't known to a rule.");
        }
    }

    private static WorkspaceConfiguration Fading(int points, TimeSpan within) => A.Workspace with
    {
        Scoring = new ScoringRules { Start = 10, Rules = [new ScoringRule("urgent", points, A.Is("lead.urgency", "high"), within)] },
    };
}
