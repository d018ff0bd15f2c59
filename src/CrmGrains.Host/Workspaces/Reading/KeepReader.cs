using CrmGrains.Core.Decisions;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads what of a source is worth keeping: <c>keep</c>.</summary>
internal static class KeepReader
{
    // Reasons are labels of a metric.
    private const int MostRules = 50;

    private static readonly Dictionary<string, KeepAs> Classes = new()
    {
        ["act"] = KeepAs.Act, ["context"] = KeepAs.Context, ["raw"] = KeepAs.Raw, ["drop"] = KeepAs.Drop,
    };

    private static readonly ConditionReader Conditions = new(
        new Dictionary<string, IReadOnlyList<string>>(), Facts.OfEvents, Facts.DataPrefix);

    public static IReadOnlyList<KeepRule> Read(Value? value)
    {
        var rules = LeadReader.Rules(value, item =>
        {
            var section = item.Section(["when", "as", "reason"], []);
            var name = section["as"]?.OneOf([.. Classes.Keys], "the class") ?? "act";
            return new KeepRule(Conditions.Read(section["when"]), Classes[name], section["reason"]?.Name() ?? "");
        }, rule => rule.When);
        if (rules.Count > MostRules)
            value?.Fault($"There are more than {MostRules} rules. Join some with `any`.");
        return rules;
    }
}
