using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;

namespace CrmGrains.Tests.Decisions;

public sealed class LeadRulesTests
{
    [Fact]
    public void A_lead_is_scored_then_qualified_by_its_score_then_routed_by_its_status()
    {
        var (routing, conditions) = LeadRules.Judge(A.Workspace, A.Lead);

        Assert.Equal(
            new Routing { LeadScore = 70, QualificationStatus = "qualified", RoutingTier = "priority", TargetPipeline = "sales", TargetOwnerRole = "closer" },
            routing);
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
    }

    [Fact]
    public void A_lead_for_which_no_routing_rule_holds_has_no_tier()
    {
        var lead = A.Lead with { LeadContext = new LeadFacts { PainSummary = "spam" } };

        Assert.Null(LeadRules.Judge(A.Workspace, lead).Routing.RoutingTier);
    }

    [Fact]
    public void Every_fact_that_is_asked_for_has_a_name_that_is_listed()
    {
        var everything = A.Lead with { Contact = A.Lead.Contact with { Phone = "+15550100" } };
        foreach (var name in LeadRules.FactNames)
        {
            var workspace = A.Workspace with { Scoring = new() { Rules = [new("asks", 1, new Condition.Compare(name, "exists", null))] } };
            var expected = name is "score" or "status" ? 0 : 1;

            Assert.True(expected == LeadRules.Judge(workspace, everything).Routing.LeadScore, $"{name} isn't known to a rule.");
        }
    }
}
