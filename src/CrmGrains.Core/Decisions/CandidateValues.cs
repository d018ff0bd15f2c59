using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;

namespace CrmGrains.Core.Decisions;

/// <summary>
/// The values worth trying for each fact that the rules for leads ask for: those that conditions name, those beside a boundary, the workspace's own
/// choices, any value, and none. Nothing else can be answered differently by a condition.
/// </summary>
internal static class CandidateValues
{
    /// <summary>More values of one fact than this are not tried.</summary>
    private const int MostValues = 60;

    /// <summary>The changes to try, in the order of the rules. Each leaves a lead that would be taken in.</summary>
    public static IReadOnlyList<FactChange> Of(WorkspaceConfiguration workspace, IReadOnlyDictionary<string, FieldValue> facts)
    {
        var changes = new List<FactChange>();
        foreach (var asked in ComparisonsOf(workspace).Where(compare => IsOpen(compare.Field)).GroupBy(compare => compare.Field, StringComparer.Ordinal))
        {
            var field = asked.Key;
            var saw = facts.GetValueOrDefault(field);
            var known = ChoicesOf(field, workspace);
            var seen = new HashSet<string?>(StringComparer.Ordinal) { saw?.ToString() };

            // What the rules name comes first: of two values that do the same, the one that a person knows is told.
            foreach (var value in asked.SelectMany(compare => Beside(compare, saw)).Concat(known?.Select(choice => new FieldValue.Text(choice)) ?? []))
            {
                var isPossible = known?.Contains(value.ToString(), StringComparer.Ordinal) ?? IsPossible(field, value);
                if (isPossible && seen.Count <= MostValues && seen.Add(value.ToString()))
                    changes.Add(new FactChange(field, saw, value));
            }

            if (known is null && Examples(field).FirstOrDefault(example => !seen.Contains(example.ToString())) is { } any)
                changes.Add(new FactChange(field, saw, any, IsExample: true));
            if (saw is not null && MayBeMissing(field, workspace))
                changes.Add(new FactChange(field, saw, null));
        }

        return changes;
    }

    /// <summary>Every comparison of the rules for leads.</summary>
    public static IEnumerable<Condition.Compare> ComparisonsOf(WorkspaceConfiguration workspace) =>
        workspace.Scoring.Rules.Select(rule => rule.When)
            .Concat(workspace.Qualification.Select(rule => rule.When))
            .Concat(workspace.Routing.Select(rule => rule.When))
            .SelectMany(condition => condition.Comparisons());

    // Score and status follow from the others; what kind of event it was and where it came from is no property of the lead.
    private static bool IsOpen(string field) => field is not (Facts.Score or Facts.Status or "event_type" or "source_system");

    private static IReadOnlyList<string>? ChoicesOf(string field, WorkspaceConfiguration workspace) => field switch
    {
        "lead.budget_range" when workspace.Leads.BudgetRanges.Count > 0 => workspace.Leads.BudgetRanges,
        "lead.urgency" when workspace.Leads.Urgencies.Count > 0 => workspace.Leads.Urgencies,
        "consent" => workspace.Leads.RequireConsent ? ["true"] : ["true", "false"],
        _ => null,
    };

    // A lead without an address or a consent that is asked for isn't taken in; a stack always has a size.
    private static bool MayBeMissing(string field, WorkspaceConfiguration workspace) =>
        field is not ("email" or "email_domain" or "lead.stack_size") && (field != "consent" || !workspace.Leads.RequireConsent);

    private static IEnumerable<FieldValue> Beside(Condition.Compare compare, FieldValue? saw) => (Facts.KindOf(compare.Field), compare.Value) switch
    {
        (FactKind.Number, FieldValue.Number number) => Around(number.Value),
        (FactKind.Flag, _) => [new FieldValue.Flag(true), new FieldValue.Flag(false)],
        (FactKind.List, { } part) => WithOrWithout(saw as FieldValue.Many, part.ToString()),
        (_, FieldValue.Many many) => many.Values.Select(value => Text(compare, saw, value)),
        (_, { } value) => [Text(compare, saw, value.ToString())],
        _ => [],
    };

    // The numbers of a lead are counts. Those at the boundary and one beside it: one of them answers differently, whatever the operator is.
    private static IEnumerable<FieldValue> Around(decimal boundary)
    {
        var whole = decimal.Floor(boundary);
        foreach (var count in (decimal[])[whole, whole + 1, whole - 1])
        {
            if (count >= 0)
                yield return new FieldValue.Number(count);
        }
    }

    private static IEnumerable<FieldValue> WithOrWithout(FieldValue.Many? saw, string item)
    {
        IReadOnlyList<string> values = saw?.Values ?? [];
        IReadOnlyList<string> others = [.. values.Where(value => value != item)];
        var changed = others.Count < values.Count ? FieldValue.Of(others) : new FieldValue.Many([.. values, item]);
        return changed is null ? [] : [changed];
    }

    private static FieldValue.Text Text(Condition.Compare compare, FieldValue? saw, string value) => (compare.Field, compare.Op) switch
    {
        ("email", "matches_domain") => new FieldValue.Text($"{saw?.ToString().Split('@')[0] ?? "someone"}@{value}"),
        (_, "contains") when saw is not null =>
            new FieldValue.Text(Facts.KindOf(compare.Field) == FactKind.Domain ? $"{value}.{saw}" : $"{saw} {value}"),
        _ => new FieldValue.Text(value),
    };

    private static bool IsPossible(string field, FieldValue value) => field switch
    {
        "email" => EmailAddress.IsNormal(value.ToString()),
        "email_domain" or "company.domain" => DomainName.IsNormal(value.ToString()),
        _ => true,
    };

    // Two each, for the case that a lead has said the first.
    private static IEnumerable<FieldValue> Examples(string field) => (field, Facts.KindOf(field)) switch
    {
        ("email", _) => Texts("someone@company.example", "someone@other.example"),
        ("phone", _) => Texts("+14155550123", "+14155550124"),
        ("lead.stack_size", _) => [],
        (_, FactKind.Domain) => Texts("company.example", "other.example"),
        (_, FactKind.List) => [new FieldValue.Many(["another"])],
        (_, FactKind.Text) => Texts("another", "something else"),
        _ => [],
    };

    private static FieldValue[] Texts(string first, string second) => [new FieldValue.Text(first), new FieldValue.Text(second)];
}
