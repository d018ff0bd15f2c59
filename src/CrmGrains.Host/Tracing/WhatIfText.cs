using System.Globalization;
using System.Text;
using CrmGrains.Core.Decisions;

namespace CrmGrains.Host.Tracing;

/// <summary>A lead as it is and as it would be, side by side, as a person reads it in a terminal.</summary>
internal static class WhatIfText
{
    private const int Column = 24;

    public static string Of(WhatIfAnswer answer)
    {
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"Event {answer.EventId}, supposed");
        foreach (var change in answer.Changes)
            text.AppendLine($"  {change.Field}: {Shown(change.From?.ToString())} → {Shown(change.To?.ToString())}");
        text.AppendLine().AppendLine($"  {answer.Summary}").AppendLine();

        var (before, after) = (answer.Before.Routing, answer.After.Routing);
        Row(text, "", "as it is", "as supposed");
        Row(text, "score", $"{before.LeadScore}", $"{after.LeadScore}");
        Row(text, "status", before.QualificationStatus, after.QualificationStatus);
        Row(text, "tier", before.RoutingTier, after.RoutingTier);
        Row(text, "pipeline", before.TargetPipeline, after.TargetPipeline);
        Row(text, "owner role", before.TargetOwnerRole, after.TargetOwnerRole);
        Row(text, "outcome", answer.Before.Outcome, answer.After.Outcome);
        Parts(text, before.ScoreParts ?? [], after.ScoreParts ?? []);

        if (answer.Conditions.Count > 0)
            text.AppendLine().AppendLine("Conditions that change");
        foreach (var change in answer.Conditions)
            text.AppendLine($"  {change.Rule}: {change.Condition}").AppendLine($"      {Answer(change.Before)} → {Answer(change.After)}");
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture,
            $"Judged under rules {answer.Configuration.Hash[..Math.Min(12, answer.Configuration.Hash.Length)]}, {(answer.Configuration.IsInForce ? "which are in force" : "which have changed since")}. Nothing was changed.");
        return text.ToString();
    }

    private static void Parts(StringBuilder text, IReadOnlyList<ScorePart> before, IReadOnlyList<ScorePart> after)
    {
        var was = before.ToDictionary(part => part.Rule, part => part.Points, StringComparer.Ordinal);
        var then = after.ToDictionary(part => part.Rule, part => part.Points, StringComparer.Ordinal);
        List<string> changed = [.. was.Keys.Union(then.Keys, StringComparer.Ordinal).Where(rule => Points(was, rule) != Points(then, rule))];
        if (changed.Count == 0)
            return;
        text.AppendLine().AppendLine("Points that change");
        foreach (var rule in changed)
            Row(text, rule, Points(was, rule), Points(then, rule));
    }

    private static string? Points(Dictionary<string, int> parts, string rule) => parts.TryGetValue(rule, out var points) ? WhyText.Signed(points) : null;

    private static void Row(StringBuilder text, string name, string? before, string? after) =>
        text.AppendLine($"  {name,-18} {before ?? "-",-Column} {after ?? "-",-Column}{(name.Length > 0 && before != after ? "*" : "")}".TrimEnd());

    private static string Answer(ConditionTrace? trace) =>
        trace is null ? "not asked" : $"{(trace.Holds ? "yes" : "no")} (saw {Shown(trace.Saw)})";

    private static string Shown(string? text) => text is null ? "nothing" : text.Length <= 60 ? text.ReplaceLineEndings(" ") : text.ReplaceLineEndings(" ")[..59] + "…";
}
