using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Fields;

namespace CrmGrains.Tests.Decisions;

public sealed class KeepRulesTests
{
    private static readonly Condition Always = new Condition.All([]);

    [Fact]
    public void Without_rules_every_event_is_acted_on() => Assert.Equal(KeepAs.Act, KeepRules.Of(Source(), A.Lead).As);

    [Fact]
    public void The_first_rule_that_holds_decides_and_where_none_does_the_event_is_acted_on()
    {
        var source = Source(
            new KeepRule(A.Is("lead.urgency", "low"), KeepAs.Drop, "noise"),
            new KeepRule(A.Is("lead.urgency", "high"), KeepAs.Raw, "first"),
            new KeepRule(A.Is("lead.urgency", "high"), KeepAs.Drop, "second"));

        Assert.Equal((KeepAs.Raw, "first"), Of(source, A.Lead));
        Assert.Equal((KeepAs.Act, ""), Of(source, A.Invoice));
    }

    [Fact]
    public void A_last_rule_that_always_holds_is_the_default() =>
        Assert.Equal((KeepAs.Context, "rest"), Of(Source(new KeepRule(Always, KeepAs.Context, "rest")), A.Invoice));

    [Theory]
    [InlineData("data.order.state", "eq", "open", true)]
    [InlineData("data.order.state", "eq", "closed", false)]
    [InlineData("data.order", "exists", null, false)]
    [InlineData("data.order.state.deeper", "exists", null, false)]
    [InlineData("data.order.tags", "contains", "vip", true)]
    [InlineData("data.nothing", "exists", null, false)]
    public void Rules_look_into_the_data_of_an_event(string field, string op, string? value, bool holds)
    {
        var received = A.Invoice with { Data = JsonElement.Parse("""{"order":{"state":"open","lines":3,"tags":["vip",1]}}""") };
        var rule = new KeepRule(new Condition.Compare(field, op, FieldValue.Of(value)), KeepAs.Drop, "asked");

        Assert.Equal(holds ? KeepAs.Drop : KeepAs.Act, KeepRules.Of(Source(rule), received).As);
    }

    [Fact]
    public void Numbers_of_the_data_and_of_invoices_are_compared_as_numbers()
    {
        var received = A.Invoice with { Data = JsonElement.Parse("""{"lines":3}""") };
        Condition AtLeast(string field, decimal number) => new Condition.Compare(field, "gte", new FieldValue.Number(number));

        Assert.Equal(KeepAs.Raw, KeepRules.Of(Source(new KeepRule(AtLeast("data.lines", 3), KeepAs.Raw, "big")), received).As);
        Assert.Equal(KeepAs.Act, KeepRules.Of(Source(new KeepRule(AtLeast("invoice.amount", 100), KeepAs.Raw, "big")), received).As);
    }

    private static (KeepAs, string) Of(SourceConfiguration source, Core.Events.ContractEvent received)
    {
        var rule = KeepRules.Of(source, received);
        return (rule.As, rule.Reason);
    }

    private static SourceConfiguration Source(params IReadOnlyList<KeepRule> rules) => new()
    {
        Name = "form",
        Format = "json",
        System = "form",
        Verification = new VerificationConfiguration { Scheme = "hmac", Secrets = [] },
        Keep = rules,
    };
}
