using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Tests.Configuration;

public sealed class DemoWorkspaceTests
{
    [Fact]
    public void The_demo_file_has_no_fault_and_says_what_it_says()
    {
        var demo = Demo.Configuration;

        Assert.Equal("demo", demo.Name);
        Assert.Matches("^[0-9a-f]{64}$", demo.Hash);
        Assert.Superset(new HashSet<string> { "diagnostic", "generic", "stripe" }, demo.Sources.Keys.ToHashSet());
        Assert.Equal(SourceFormats.Names, demo.Sources.Values.Select(source => source.Format).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(30, demo.Sources["stripe"].Rank);
        Assert.Equal("lead:diagnostics:{source_record_id}:{email}", demo.Sources["diagnostic"].IdempotencyKey);
        Assert.Equal(["env:DIAGNOSTIC_SECRET"], demo.Sources["diagnostic"].Verification.Secrets);
        Assert.Equal(["id"], demo.Sources["generic"].DeliveryId?.Paths);
        Assert.Equal("contact.name", demo.Sources["generic"].Map["contact.full_name"]);
        Assert.Equal(new RateLimit(190, TimeSpan.FromSeconds(10)), demo.Crm?.General);
        Assert.Equal(new RateLimit(5, TimeSpan.FromSeconds(1)), demo.Crm?.Search);
        Assert.Equal("firstname lastname", demo.Crm?.Fields["contact"]["full_name"]);
        Assert.Equal(["audit_lost"], demo.Pipelines["automation_audit"].ReopenFrom);
        Assert.Equal(
            [
                "website_lead", "meeting_follow_up", "quote_follow_up", "payment_trouble", "booking_changes", "complaint_triage", "vendor_reply",
                "uploaded_document", "failed_automation", "onboarding", "service_intake",
            ],
            demo.Playbooks.Select(playbook => playbook.Name));
        Assert.All(demo.Playbooks, playbook => Assert.True(playbook.Context.Count > 0 && playbook.Questions.Count > 0, playbook.Name));
        Assert.Equal(TimeSpan.FromHours(4), demo.Risk.Of("send_message").DueIn);
    }

    [Fact]
    public void The_sample_lead_scores_89_and_goes_to_the_operations_architect_with_priority()
    {
        var (routing, conditions) = LeadRules.Judge(Demo.Configuration, Demo.Lead);

        Assert.Equal(89, routing.LeadScore);
        Assert.Equal("qualified", routing.QualificationStatus);
        Assert.Equal("priority", routing.RoutingTier);
        Assert.Equal("automation_audit", routing.TargetPipeline);
        Assert.Equal("operations_architect", routing.TargetOwnerRole);
        Assert.Equal(89, conditions.Sum(condition => condition.Points ?? 0));
    }

    [Fact]
    public void The_trace_shows_every_condition_that_was_asked_with_what_it_saw()
    {
        var demo = Demo.Configuration;

        var (_, conditions) = LeadRules.Judge(demo, Demo.Lead);

        Assert.All(demo.Scoring.Rules, rule => Assert.Single(conditions, condition => condition.Rule == $"scoring.{rule.Name}"));
        Assert.Equal(2, conditions.Count(condition => condition.Rule == "routing.priority"));
        Assert.Contains(conditions, condition => condition is { Rule: "scoring.urgent", Saw: "high", Holds: true, Points: 20 });
        Assert.Contains(conditions, condition => condition is { Rule: "scoring.connected_stack", Saw: "4", Holds: true });
        Assert.Contains(conditions, condition => condition is { Rule: "scoring.small_budget", Saw: "5000_15000", Holds: false, Points: null });
        Assert.Contains(conditions, condition => condition is { Rule: "qualification.qualified", Saw: "89", Holds: true });
    }

    [Theory]
    [InlineData("high", 4, "priority", "operations_architect")]
    [InlineData("low", 4, "standard", "account_manager")]
    [InlineData("low", 0, "standard", "account_manager")]
    public void A_lead_is_routed_by_its_score(string urgency, int tools, string tier, string role)
    {
        var lead = Demo.Lead with
        {
            LeadContext = new LeadFacts
            {
                BudgetRange = "5000_15000",
                Urgency = urgency,
                PainSummary = "Forms make duplicates.",
                DetectedStack = [.. Enumerable.Repeat("make", tools)],
            },
        };

        var (routing, _) = LeadRules.Judge(Demo.Configuration, lead);

        Assert.Equal((tier, role), (routing.RoutingTier, routing.TargetOwnerRole));
    }

    [Fact]
    public void A_poor_lead_is_nurtured_and_gets_no_deal()
    {
        var lead = Demo.Lead with { LeadContext = new LeadFacts { BudgetRange = "under_5000", Urgency = "low" }, Company = null };

        var (routing, _) = LeadRules.Judge(Demo.Configuration, lead);

        Assert.Equal(20, routing.LeadScore);
        Assert.Equal("unqualified", routing.QualificationStatus);
        Assert.Equal("nurture", routing.RoutingTier);
        Assert.Null(routing.TargetPipeline);
    }
}
