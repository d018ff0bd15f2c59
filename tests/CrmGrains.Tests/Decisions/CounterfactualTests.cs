using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Tests.Configuration;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Decisions;

public sealed class CounterfactualTests
{
    [Fact]
    public void A_missing_fact_that_lifts_a_lead_over_the_threshold_is_named_with_the_score_that_it_gives()
    {
        var found = Counterfactuals.Of(Demo.Configuration, Demo.Lead with { Company = null });

        Assert.Equal("score 77; 80 routes to priority; company.domain is missing: with one the score is 89 and it goes to priority", found.Sentence);
        Assert.Equal([new(80, 3, "qualified", "priority"), new(49, -28, "unqualified", "nurture")], found.ScoreSteps);
        Assert.True(found.IsComplete);
    }

    [Fact]
    public void The_sample_lead_would_be_standard_with_less_urgency()
    {
        var found = Counterfactuals.Of(Demo.Configuration, Demo.Lead);

        var flip = found.Flips[0];
        Assert.Equal(("tier", "priority", "standard", 79), (flip.Turns, flip.From, flip.To, flip.Score));
        Assert.Equal([new FactChange("lead.urgency", new FieldValue.Text("high"), new FieldValue.Text("medium"))], flip.Changes);
        Assert.Equal("lead.urgency is high: with medium the score is 79 and it goes to standard", flip.Sentence);
        Assert.All(found.Flips, each => Assert.DoesNotContain(each.Changes, change => change.Field == "consent"));
    }

    [Fact]
    public void Where_no_single_fact_does_it_two_together_may()
    {
        var lead = Demo.Lead with
        {
            Company = null, Contact = Demo.Lead.Contact with { Phone = null },
            LeadContext = new LeadFacts { BudgetRange = "5000_15000", Urgency = "high", DetectedStack = ["make", "hubspot", "airtable"] },
        };

        var found = Counterfactuals.Of(Demo.Configuration, lead);

        var flip = Assert.Single(found.Flips, each => each.To == "priority");
        Assert.Equal(["company.domain", "lead.pain_summary"], flip.Changes.Select(change => change.Field));
        Assert.Equal(81, flip.Score);
        Assert.Equal(
            "any company.domain and any lead.pain_summary: the score is 81 and it goes to priority", flip.Sentence);
    }

    [Fact]
    public void Where_nothing_would_change_it_that_is_said()
    {
        var workspace = A.Workspace with { Routing = [new RoutingRule("all", new Condition.All([]), null, null)], Qualification = [], Scoring = new ScoringRules { Start = 7 } };

        var found = Counterfactuals.Of(workspace, A.Lead);

        Assert.Empty(found.Flips);
        Assert.Equal("score 7; no change of one or two fields is judged differently", found.Sentence);
    }

    [Fact]
    public void The_search_ends_at_its_bound_and_says_so()
    {
        var fields = Facts.OfLeads.Where(name => Facts.KindOf(name) == FactKind.Text && name is not (Facts.Status or "event_type" or "source_system")).ToList();
        var rules = Enumerable.Range(0, 400).Select(number => new ScoringRule($"rule_{number}", 1, A.Is(fields[number % fields.Count], $"value {number}")));
        var workspace = A.Workspace with
        {
            Scoring = new ScoringRules { Rules = [.. rules] },
            Routing = [new RoutingRule("never", new Condition.Compare(Facts.Score, "gte", new FieldValue.Number(90)), null, null), new RoutingRule("else", new Condition.All([]), null, null)],
        };

        var most = CounterfactualSearch.MostTries(workspace);
        Assert.Equal(4_000_000 / 402, most);

        var found = Counterfactuals.Of(workspace, A.Lead);

        Assert.Equal((false, most), (found.IsComplete, found.Tried));
        Assert.Contains("tier never", found.NotFound);
        Assert.EndsWith($"none of the {most} changes that were tried is judged differently", found.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Applying_any_counterfactual_flips_the_result_as_it_says() =>
        Prop.ForAll(RandomRules.Workspaces(), RandomRules.Leads(), (workspace, lead) =>
        {
            var now = LeadRules.Judge(workspace, lead).Routing;
            return Counterfactuals.Of(workspace, lead).Flips.All(flip =>
            {
                var then = Judged(workspace, lead, flip.Changes);
                return (then.LeadScore, then.QualificationStatus, then.RoutingTier) == (flip.Score, flip.Status, flip.Tier)
                    && (flip.Turns == "tier"
                        ? then.RoutingTier == flip.To && now.RoutingTier == flip.From && flip.From != flip.To
                        : then.QualificationStatus == flip.To && now.QualificationStatus == flip.From && flip.From != flip.To);
            });
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Two_changes_are_told_only_where_no_single_one_suffices()
    {
        var pairs = 0;
        Prop.ForAll(RandomRules.Workspaces(), RandomRules.Leads(), (workspace, lead) =>
        {
            var singles = CandidateValues.Of(workspace, Facts.Of(lead)).Select(change => Judged(workspace, lead, [change])).ToList();
            return Counterfactuals.Of(workspace, lead).Flips.Where(flip => flip.Changes.Count > 1).All(flip =>
            {
                pairs++;
                bool Reaches(Routing then) => (flip.Turns == "tier" ? then.RoutingTier : then.QualificationStatus) == flip.To;
                return !singles.Exists(Reaches) && !flip.Changes.Any(change => Reaches(Judged(workspace, lead, [change])));
            });
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
        Assert.True(pairs > 0, "No lead of the random ones needed two changes, so nothing was shown.");
    }

    [Fact]
    public void Score_steps_are_the_nearest_scores_that_are_judged_differently() =>
        Prop.ForAll(RandomRules.Workspaces(), RandomRules.Leads(), (workspace, lead) =>
        {
            var now = LeadRules.VerdictOf(workspace, Facts.Of(lead), LeadRules.AgeOf(lead));
            (string, string?) At(int score) => LeadRules.RouteAt(score, workspace, Facts.Of(lead)) is var then ? (then.Status, then.Tier) : default;
            var steps = Counterfactuals.Of(workspace, lead).ScoreSteps;
            return steps.All(step => At(step.Score) == (step.Status, step.Tier) && At(step.Score) != (now.Status, now.Tier) && step.Distance == step.Score - now.Score)
                && Enumerable.Range(0, 101).Where(score => At(score) != (now.Status, now.Tier)).All(score =>
                    steps.Any(step => Math.Sign(step.Distance) == Math.Sign(score - now.Score) && Math.Abs(step.Distance) <= Math.Abs(score - now.Score)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    private static Routing Judged(WorkspaceConfiguration workspace, ContractEvent lead, IReadOnlyList<FactChange> changes) =>
        WhatIf.Of(workspace, lead, [.. changes.Select(change => KeyValuePair.Create(change.Field, change.To))]).After.Routing;
}
