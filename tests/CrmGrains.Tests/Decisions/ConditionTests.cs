using CrmGrains.Core.Decisions;
using CrmGrains.Core.Fields;

namespace CrmGrains.Tests.Decisions;

public sealed class ConditionTests
{
    private static readonly Dictionary<string, FieldValue> Facts = new()
    {
        ["urgency"] = new FieldValue.Text("high"),
        ["score"] = new FieldValue.Number(50),
        ["consent"] = new FieldValue.Flag(true),
        ["stack"] = new FieldValue.Many(["zapier", "hubspot"]),
    };

    [Theory]
    [InlineData("urgency", "eq", "high", true)]
    [InlineData("urgency", "eq", "High", false)]
    [InlineData("urgency", "ne", "low", true)]
    [InlineData("missing", "ne", "low", true)]
    [InlineData("missing", "eq", "low", false)]
    [InlineData("score", "eq", "50", true)]
    [InlineData("consent", "eq", "true", true)]
    [InlineData("urgency", "contains", "HIG", true)]
    [InlineData("stack", "contains", "zapier", true)]
    [InlineData("stack", "contains", "zap", false)]
    [InlineData("missing", "contains", "a", false)]
    [InlineData("urgency", "gt", "a", false)]
    [InlineData("urgency", "no_such", "high", false)]
    public void A_text_is_compared_as_it_reads(string field, string op, string value, bool holds) =>
        Assert.Equal(holds, Holds(new Condition.Compare(field, op, new FieldValue.Text(value))));

    [Theory]
    [InlineData("gt", 49, true)]
    [InlineData("gt", 50, false)]
    [InlineData("gte", 50, true)]
    [InlineData("lt", 51, true)]
    [InlineData("lt", 50, false)]
    [InlineData("lte", 50, true)]
    public void Numbers_are_ordered(string op, int value, bool holds) =>
        Assert.Equal(holds, Holds(new Condition.Compare("score", op, new FieldValue.Number(value))));

    [Fact]
    public void What_is_missing_exists_not_and_is_in_no_set()
    {
        Assert.True(Holds(new Condition.Compare("score", "exists", null)));
        Assert.False(Holds(new Condition.Compare("missing", "exists", null)));
        Assert.True(Holds(new Condition.Compare("urgency", "in", new FieldValue.Many(["low", "high"]))));
        Assert.False(Holds(new Condition.Compare("missing", "in", new FieldValue.Many(["low", "high"]))));
        Assert.False(Holds(new Condition.Compare("missing", "lt", new FieldValue.Number(1))));
    }

    [Theory]
    [InlineData("urgency", "low,high", false)]
    [InlineData("urgency", "low", true)]
    [InlineData("missing", "low", true)]
    public void What_is_not_in_a_set_is_another_value_or_none(string field, string values, bool holds) =>
        Assert.Equal(holds, Holds(new Condition.Compare(field, "not_in", new FieldValue.Many(values.Split(',')))));

    [Theory]
    [InlineData("missing", true)]
    [InlineData("urgency", false)]
    public void What_is_missing_can_be_asked_for(string field, bool holds) => Assert.Equal(holds, Holds(new Condition.Compare(field, "missing", null)));

    [Theory]
    [InlineData("ann@example.com", true)]
    [InlineData("ann@mail.example.com", true)]
    [InlineData("example.com", true)]
    [InlineData("mail.other.example", true)]
    [InlineData("notexample.com", false)]
    [InlineData("example.com.evil.test", false)]
    [InlineData("example.com@evil.test", false)]
    [InlineData("com", false)]
    public void A_domain_is_matched_by_itself_by_those_below_it_and_by_addresses_at_either(string value, bool holds)
    {
        var facts = new Dictionary<string, FieldValue> { ["email"] = new FieldValue.Text(value) };

        Assert.Equal(holds, new Condition.Compare("email", "matches_domain", new FieldValue.Many(["example.com", "other.example"])).Holds(facts));
    }

    [Fact]
    public void All_of_none_holds_and_any_of_none_does_not()
    {
        Assert.True(Holds(new Condition.All([])));
        Assert.False(Holds(new Condition.Any([])));
        Assert.False(Holds(new Condition.Not(new Condition.All([]))));
    }

    [Fact]
    public void Every_comparison_is_told_with_what_it_saw_also_when_the_answer_is_known_already()
    {
        var seen = new List<(string Field, string? Saw, bool Holds)>();
        var condition = new Condition.Any([A.Is("urgency", "high"), new Condition.All([A.Is("missing", "x"), A.Is("score", "50")])]);

        Assert.True(condition.Holds(Facts, (compare, saw, holds) => seen.Add((compare.Field, saw?.ToString(), holds))));

        Assert.Equal([("urgency", "high", true), ("missing", null, false), ("score", "50", true)], seen);
    }

    private static bool Holds(Condition condition)
    {
        var holds = condition.Holds(Facts);
        Assert.Equal(holds, condition.Holds(Facts, (_, _, _) => { }));
        return holds;
    }
}
