using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads <c>leads</c>, <c>scoring</c>, <c>qualification</c> and <c>routing</c>.</summary>
internal static class LeadReader
{
    private static readonly string[] TakenNames = [ScorePart.Start, ScorePart.Limit];

    // What fades within a minute nobody gets; what fades in more than ten years doesn't fade.
    private static readonly (TimeSpan Least, TimeSpan Most) Fading = (TimeSpan.FromMinutes(1), TimeSpan.FromDays(3650));

    public static LeadRequirements Requirements(Value? value)
    {
        var section = value?.Section([], ["require_consent", "budget_ranges", "urgencies"]);
        return new LeadRequirements
        {
            RequireConsent = section?["require_consent"]?.Flag() ?? true,
            BudgetRanges = section?["budget_ranges"]?.Distinct(item => item.Line()) ?? [],
            Urgencies = section?["urgencies"]?.Distinct(item => item.Line()) ?? [],
        };
    }

    public static ScoringRules Scoring(Value? value, ConditionReader conditions)
    {
        var section = value?.Section(["rules"], ["start"]);
        return new ScoringRules
        {
            Start = section?["start"]?.Whole(0, 100) ?? 0,
            Rules = [.. section?["rules"]?.Named(rule => ScoringRule(rule, conditions)).Values ?? []],
        };
    }

    private static ScoringRule ScoringRule(Entry rule, ConditionReader conditions)
    {
        var section = rule.Value.Section(["points", "when"], ["fades_in"]);
        if (TakenNames.Contains(rule.Key))
            rule.KeyValue.Fault($"`{rule.Key}` names a part of the score that isn't a rule. Call the rule something else.");
        var points = section["points"]?.Whole(-100, 100) ?? 0;
        if (points == 0)
            section["points"]?.Fault("It must not be 0: the rule would do nothing.");
        var when = conditions.Read(section["when"], Facts.Score, Facts.Status);
        var fadesIn = section["fades_in"]?.Duration(Fading.Least, Fading.Most);
        if (ConditionReader.IsAlways(when) && fadesIn is null)
            section["when"]?.Fault("Points that every lead gets belong into `scoring.start`.");
        return new ScoringRule(rule.Key, points, when, fadesIn);
    }

    public static IReadOnlyList<QualificationRule> Qualification(Value? value, ConditionReader conditions) =>
        Rules(value, item =>
        {
            var section = item.Section(["status", "when"], []);
            return new QualificationRule(section["status"]?.Name() ?? "", conditions.Read(section["when"], Facts.Status));
        }, rule => rule.When);

    public static IReadOnlyList<RoutingRule> Routing(
        Value? value, ConditionReader conditions, IReadOnlyList<string> pipelines, IReadOnlyList<string> roles) =>
        Rules(value, item =>
        {
            var section = item.Section(["tier", "when"], ["pipeline", "owner_role"]);
            return new RoutingRule(
                section["tier"]?.Name() ?? "",
                conditions.Read(section["when"]),
                section["pipeline"]?.OneOf(pipelines, "the pipeline"),
                section["owner_role"]?.OneOf(roles, "the role"));
        }, rule => rule.When);

    /// <summary>Rules that are asked in order; none may stand after one that always holds.</summary>
    public static List<T> Rules<T>(Value? value, Func<Value, T> read, Func<T, Condition> when)
    {
        var rules = new List<T>();
        var isDecided = false;
        foreach (var item in value?.Items() ?? [])
        {
            if (isDecided)
                item.Fault("It is never asked: a rule before it holds always. Move it up, or take it out.");
            var rule = read(item);
            isDecided |= ConditionReader.IsAlways(when(rule));
            rules.Add(rule);
        }

        return rules;
    }
}
