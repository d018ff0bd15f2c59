namespace CrmGrains.Core.Decisions;

/// <summary>Counterfactuals in words.</summary>
internal static class CounterfactualText
{
    /// <summary>The whole in one line: where the lead stands, what is next, and the smallest change.</summary>
    public static string Of(LeadRules.Verdict now, IReadOnlyList<ScoreStep> steps, IReadOnlyList<Counterfactual> flips, bool isComplete, int tried)
    {
        List<string> parts = [$"score {now.Score}"];

        // Upwards is what people ask for.
        if (steps.Count > 0)
            parts.Add($"{steps[0].Score} {(steps[0].Tier == now.Tier ? $"is {steps[0].Status}" : steps[0].Tier is { } tier ? $"routes to {tier}" : "is routed by no rule")}");
        var next = flips.FirstOrDefault(flip => steps.Count > 0 && flip.Tier == steps[0].Tier && flip.Status == steps[0].Status);
        parts.Add(next?.Sentence ?? (flips.Count > 0 ? flips[0].Sentence : isComplete
            ? "no change of one or two fields is judged differently"
            : $"none of the {tried} changes that were tried is judged differently"));
        return string.Join("; ", parts);
    }

    /// <summary>
    /// One change, for example <c>company.domain is missing: with one the score is 80 and it goes to priority</c>; or two, for example
    /// <c>lead.urgency low instead of high and no phone: the score is 49 and it is unqualified and goes to nurture</c>.
    /// </summary>
    public static string Of(IReadOnlyList<FactChange> changes, LeadRules.Verdict then, LeadRules.Verdict now)
    {
        var score = then.Score == now.Score ? "" : $"the score is {then.Score} and ";
        var status = then.Status == now.Status ? null : $"is {then.Status}";
        var where = then.Tier == now.Tier ? null : then.Tier is null ? "is routed by no rule" : $"goes to {then.Tier}";
        var result = $"{score}it {string.Join(" and ", ((string?[])[status, where]).OfType<string>())}";
        return changes is [var change]
            ? $"{change.Field} is {(change.From is null ? "missing" : Short(change.From.ToString()))}: {With(change)} {result}"
            : $"{string.Join(" and ", changes.Select(Instead))}: {result}";
    }

    private static string With(FactChange change) => change switch
    {
        { To: null } => "without it",
        { IsExample: true, From: null } => "with one",
        { IsExample: true } => "with another",
        _ => $"with {Short(change.To.ToString())}",
    };

    private static string Instead(FactChange change) => change switch
    {
        { To: null } => $"no {change.Field}",
        { IsExample: true, From: null } => $"any {change.Field}",
        { IsExample: true } => $"another {change.Field} than {Short(change.From.ToString())}",
        { From: null } => $"{change.Field} {Short(change.To.ToString())}",
        _ => $"{change.Field} {Short(change.To.ToString())} instead of {Short(change.From.ToString())}",
    };

    private static string Short(string text) => text.Length <= 60 ? text : text[..59] + "…";
}
