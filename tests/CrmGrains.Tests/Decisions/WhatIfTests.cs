using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Tests.Configuration;

namespace CrmGrains.Tests.Decisions;

public sealed class WhatIfTests
{
    [Fact]
    public void A_lead_is_judged_as_it_is_and_as_it_would_be_and_only_what_changes_is_told()
    {
        var answer = Asked(("lead.budget_range", new FieldValue.Text("15000_50000")));

        Assert.Equal((89, 99), (answer.Before.Routing.LeadScore, answer.After.Routing.LeadScore));
        Assert.Equal(
            ["scoring.large_budget", "scoring.project_budget", "scoring.small_budget", "qualification.qualified", "routing.priority"],
            answer.Conditions.Select(change => change.Rule));
        Assert.Equal((false, true, 30), (answer.Conditions[0].Before?.Holds, answer.Conditions[0].After?.Holds, answer.Conditions[0].After?.Points));
    }

    [Fact]
    public void Conditions_that_only_one_of_the_two_asks_have_one_side()
    {
        var answer = Asked(("lead.urgency", new FieldValue.Text("low")));

        Assert.Equal(("priority", "standard"), (answer.Before.Routing.RoutingTier, answer.After.Routing.RoutingTier));
        var asked = Assert.Single(answer.Conditions, change => change.Rule == "routing.standard");
        Assert.Equal((null, true), (asked.Before, asked.After?.Holds));
    }

    [Fact]
    public void What_is_supposed_is_judged_as_a_lead_that_says_so()
    {
        var poorer = Demo.Lead with
        {
            Contact = Demo.Lead.Contact with { Email = "ada@gmail.com", Phone = null },
            LeadContext = Demo.Lead.LeadContext is { } said ? said with { BudgetRange = "under_5000", DetectedStack = ["make"] } : null,
        };

        var answer = Asked(
            ("email", new FieldValue.Text("ada@gmail.com")), ("phone", null), ("lead.budget_range", new FieldValue.Text("under_5000")),
            ("lead.detected_stack", new FieldValue.Many(["make"])));

        var (routing, conditions) = LeadRules.Judge(Demo.Configuration, poorer);
        Assert.Equal(routing.ScoreParts, answer.After.Routing.ScoreParts);
        Assert.Equal(routing.RoutingTier, answer.After.Routing.RoutingTier);
        Assert.Equal(Facts.Of(poorer), Supposed("email", new FieldValue.Text("ada@gmail.com"), poorer with { Contact = Demo.Lead.Contact with { Phone = null } }));
        Assert.NotEmpty(conditions);
    }

    [Fact]
    public void Facts_that_follow_from_one_another_are_changed_together()
    {
        Assert.Equal("gmail.com", Supposed("email", new FieldValue.Text("a@gmail.com"))["email_domain"].ToString());
        Assert.Equal("ada@gmail.com", Supposed("email_domain", new FieldValue.Text("gmail.com"))["email"].ToString());
        Assert.DoesNotContain("email_domain", Supposed("email", null).Keys);
        Assert.Equal(new FieldValue.Number(1), Supposed("lead.detected_stack", new FieldValue.Many(["make"]))["lead.stack_size"]);
        Assert.Equal(new FieldValue.Number(0), Supposed("lead.detected_stack", null)["lead.stack_size"]);
        Assert.Equal(new FieldValue.Many(["hubspot", "make"]), Supposed("lead.stack_size", new FieldValue.Number(2))["lead.detected_stack"]);
        Assert.DoesNotContain("lead.detected_stack", Supposed("lead.stack_size", new FieldValue.Number(0)).Keys);
    }

    [Theory]
    [InlineData("consent", "The workspace asks for consent to be contacted, and there is none.")]
    [InlineData("email", "The lead has no address.")]
    public void Without_what_a_lead_needs_a_person_decides(string field, string reason)
    {
        var answer = Asked((field, null));

        Assert.Equal(("route", "review", reason), (answer.Before.Outcome, answer.After.Outcome, answer.After.Reason));
    }

    private static Dictionary<string, FieldValue> Supposed(string field, FieldValue? value, ContractEvent? lead = null)
    {
        var facts = Facts.Of(lead ?? Demo.Lead);
        Facts.Suppose(facts, field, value);
        return facts;
    }

    private static WhatIf Asked(params (string Field, FieldValue? Value)[] supposed) =>
        WhatIf.Of(Demo.Configuration, Demo.Lead, [.. supposed.Select(each => KeyValuePair.Create(each.Field, each.Value))]);
}
