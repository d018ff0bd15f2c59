using System.Globalization;
using System.Text;
using System.Text.Json;
using CrmGrains.Core.Decisions;

namespace CrmGrains.Host.Tracing;

/// <summary>The reasons of a decision as a person reads them in a terminal.</summary>
internal static class WhyText
{
    private const int Wide = 110;

    public static string Of(WhyAnswer why)
    {
        var text = new StringBuilder();
        text.AppendLine($"Event {why.EventId}  {why.Status.ToUpperInvariant()}").AppendLine($"  {why.Summary}");
        if (why is { Routing: null, Reason: { } reason } && !why.Summary.Contains(reason, StringComparison.Ordinal))
            text.AppendLine($"  {reason}");
        foreach (var fault in why.Validation?.Faults ?? [])
            text.AppendLine($"  {fault.Path}: {fault.Message}");
        if (why.Routing is { } routing)
            Lead(text, routing, why.Conditions ?? []);
        Gates(text, why.Gates);
        Plan(text, why.Plan);
        Counterfactual(text, why);
        if (why is { Configuration: { } rules, DecidedAt: { } at })
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture,
                $"Decided {at:yyyy-MM-dd HH:mm:ss}Z under rules {rules.Hash[..Math.Min(12, rules.Hash.Length)]}, {(rules.IsInForce ? "which are in force" : "which have changed since")}.");
        return text.ToString().TrimEnd() + "\n";
    }

    /// <summary>Points with their sign.</summary>
    public static string Signed(int points) => points.ToString("+0;-0;0", CultureInfo.InvariantCulture);

    private static void Lead(StringBuilder text, Routing routing, IReadOnlyList<ConditionTrace> conditions)
    {
        var byRule = conditions.ToLookup(condition => condition.Rule);
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Score {routing.LeadScore}");
        foreach (var part in routing.ScoreParts ?? [])
        {
            // What starts at nothing is no part that anybody misses.
            if (part is { Rule: ScorePart.Start, Points: 0 })
                continue;
            var asked = string.Join("; ", byRule[$"scoring.{part.Rule}"].Select(Words));
            text.AppendLine(Cut($"  {Signed(part.Points),4}  {part.Rule,-22} {Meaning(part, asked)}".TrimEnd()));
        }

        var scored = (routing.ScoreParts ?? []).Select(part => $"scoring.{part.Rule}").ToHashSet(StringComparer.Ordinal);
        var missed = conditions.Where(condition => condition.Rule.StartsWith("scoring.", StringComparison.Ordinal) && !scored.Contains(condition.Rule))
            .GroupBy(condition => condition.Rule).ToList();
        if (missed.Count > 0 && routing.ScoreParts is not null)
            text.AppendLine("  not given");
        foreach (var rule in missed)
            text.AppendLine(Cut($"        {rule.Key["scoring.".Length..],-22} {string.Join("; ", rule.Select(Words))}"));

        Asked(text, $"Status {routing.QualificationStatus}", "qualification.", conditions);
        Asked(text, $"Tier {routing.RoutingTier ?? "none"}", "routing.", conditions);
    }

    private static string Meaning(ScorePart part, string asked) => part.Rule switch
    {
        ScorePart.Start => "what every lead has",
        ScorePart.Limit => "a score stays between 0 and 100",
        _ when part.Points == 0 => $"faded: the lead was old when it came ({asked})",
        _ => asked,
    };

    private static void Asked(StringBuilder text, string title, string prefix, IReadOnlyList<ConditionTrace> conditions)
    {
        text.AppendLine().AppendLine(title);
        foreach (var condition in conditions.Where(condition => condition.Rule.StartsWith(prefix, StringComparison.Ordinal)))
            text.AppendLine(Cut($"  {(condition.Holds ? "yes" : " no")}   {condition.Rule[prefix.Length..],-22} {Words(condition)}"));
    }

    private static void Gates(StringBuilder text, JsonElement? gates)
    {
        if (gates is not { ValueKind: JsonValueKind.Array } all || all.GetArrayLength() == 0)
            return;
        text.AppendLine().AppendLine("Gates");
        foreach (var gate in all.EnumerateArray())
            text.AppendLine(Cut($"  {(gate.ValueKind == JsonValueKind.Object ? string.Join(", ", gate.EnumerateObject().Select(each => $"{each.Name} {each.Value}")) : gate)}"));
    }

    private static void Plan(StringBuilder text, JsonElement? plan)
    {
        if (plan?.Deserialize(Core.Json.CoreJson.Default.IReadOnlyListPlanStep) is not { Count: > 0 } steps)
            return;
        text.AppendLine().AppendLine("Plan");
        foreach (var step in steps)
            text.AppendLine(Cut($"  {step.Order,3}.  {step.Object,-22} {step.Operation.Replace('_', ' ')}{(step.Required ? "" : " (if it can be)")}"));
    }

    private static void Counterfactual(StringBuilder text, WhyAnswer why)
    {
        if (why.NoCounterfactuals is { } none)
            text.AppendLine().AppendLine("What would change it").AppendLine($"  {none}");
        if (why.Counterfactuals is not { } found)
            return;
        text.AppendLine().AppendLine("What would change it");
        foreach (var step in found.ScoreSteps)
            text.AppendLine(CultureInfo.InvariantCulture,
                $"  {Signed(step.Distance),4}  {(Math.Abs(step.Distance) == 1 ? "point" : "points")}: {step.Score} is {step.Status} and {(step.Tier is null ? "routed by no rule" : $"routes to {step.Tier}")}");
        // What turns the tier often turns the status as well: once is enough.
        foreach (var flips in found.Flips.DistinctBy(flip => flip.Sentence).GroupBy(flip => (flip.Turns, flip.To)))
        {
            text.AppendLine($"  {flips.Key.Turns} {flips.Key.To ?? "none"}");
            foreach (var flip in flips)
                text.AppendLine($"        {flip.Sentence.ReplaceLineEndings(" ")}");
        }

        if (found.NotFound.Count > 0)
            text.AppendLine(Cut($"  {string.Join(", ", found.NotFound)}: by no change of one or two fields{(found.IsComplete ? "" : $" among the {found.Tried} that were tried")}"));
    }

    private static string Words(ConditionTrace condition) => $"{condition.Condition} (saw {condition.Saw ?? "nothing"})";

    private static string Cut(string line)
    {
        line = line.ReplaceLineEndings(" ");
        return line.Length <= Wide ? line : line[..(Wide - 1)] + "…";
    }
}
