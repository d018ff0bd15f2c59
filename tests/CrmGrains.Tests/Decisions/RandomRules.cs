using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Decisions;

/// <summary>Rule sets and leads of a small world, so that conditions often hold and often don't.</summary>
internal static class RandomRules
{
    private static readonly string[] Budgets = ["small", "large", "huge"];
    private static readonly string[] Urgencies = ["low", "medium", "high"];
    private static readonly string[] Domains = ["example.com", "mail.example.com", "other.example"];
    private static readonly string[] Tools = ["make", "zapier", "hubspot"];

    public static Arbitrary<WorkspaceConfiguration> Workspaces() => Arb.From(
        from rules in ScoringRule().ListOf()
        from start in Gen.Choose(0, 100)
        from qualified in Threshold(Facts.Score)
        from tiers in Routing().ArrayOf(2)
        from hasLast in Gen.Elements(true, false)
        from requiresConsent in Gen.Elements(true, false)
        from isChoice in Gen.Elements(true, false)
        select A.Workspace with
        {
            Leads = new LeadRequirements { RequireConsent = requiresConsent, BudgetRanges = isChoice ? Budgets : [], Urgencies = isChoice ? Urgencies : [] },
            Scoring = new ScoringRules { Start = start, Rules = [.. rules.Select((rule, number) => new ScoringRule($"rule_{number}", rule.Points, rule.When, rule.FadesIn))] },
            Qualification = [new QualificationRule("qualified", qualified)],
            Routing =
            [
                .. tiers.Select((rule, number) => new RoutingRule($"tier_{number}", rule, "sales", null)),
                .. hasLast ? [new RoutingRule("last", new Condition.All([]), null, null)] : (RoutingRule[])[],
            ],
        });

    public static Arbitrary<ContractEvent> Leads() => Arb.From(
        from budget in Or(Budgets)
        from urgency in Or(Urgencies)
        from pain in Or(["It is slow.", "It is slow and dear."])
        from domain in Or(Domains)
        from mail in Gen.Elements(Domains)
        from phone in Or(["+14155550100"])
        from tools in Gen.Elements(Tools).ListOf()
        from consent in Gen.Elements<bool?>(true, false, null)
        from days in Gen.Choose(0, 40)
        select A.Lead with
        {
            ReceivedAt = A.Lead.OccurredAt.AddDays(days),
            Contact = new ContactFacts { Email = $"ann@{mail}", Phone = phone },
            Company = domain is null ? null : new CompanyFacts { Domain = domain },
            ConsentToContact = consent,
            LeadContext = new LeadFacts { BudgetRange = budget, Urgency = urgency, PainSummary = pain, DetectedStack = [.. tools.Distinct().Take(3)] },
        });

    private static Gen<(int Points, Condition When, TimeSpan? FadesIn)> ScoringRule() =>
        from points in Gen.Choose(-100, 100)
        from when in Condition(2)
        from fades in Gen.Elements<int?>(null, null, 1, 7, 30)
        select (points == 0 ? 1 : points, when, fades is { } days ? TimeSpan.FromDays(days) : (TimeSpan?)null);

    private static Gen<Condition> Routing() => Gen.OneOf(
        Threshold(Facts.Score),
        Gen.Constant(A.Is(Facts.Status, "qualified")),
        Condition(1),
        from score in Threshold(Facts.Score)
        from other in Condition(1)
        select (Condition)new Condition.All([score, other]));

    private static Gen<Condition> Condition(int depth) => depth == 0
        ? Comparison()
        : Gen.OneOf(
            Comparison(),
            Comparison(),
            from part in Condition(depth - 1)
            select (Condition)new Condition.Not(part),
            from parts in Condition(depth - 1).ArrayOf(2)
            from isAll in Gen.Elements(true, false)
            select isAll ? (Condition)new Condition.All(parts) : new Condition.Any(parts));

    private static Gen<Condition> Comparison() => Gen.OneOf(
        Text("lead.budget_range", Budgets, "eq", "ne", "contains"),
        Text("lead.urgency", Urgencies, "eq", "ne"),
        Text("lead.pain_summary", ["slow", "dear"], "contains"),
        Text("lead.detected_stack", Tools, "contains"),
        Text("company.domain", Domains, "eq", "ne", "contains"),
        Text("email", Domains, "contains"),
        Set("lead.budget_range", Budgets, "in", "not_in"),
        Set("email_domain", Domains, "in", "not_in", "matches_domain"),
        Set("email", Domains, "matches_domain"),
        Threshold("lead.stack_size"),
        from flag in Gen.Elements(true, false)
        from op in Gen.Elements("eq", "ne")
        select (Condition)new Condition.Compare("consent", op, new FieldValue.Flag(flag)),
        from field in Gen.Elements("phone", "company.domain", "lead.pain_summary", "lead.detected_stack", "lead.budget_range", "consent", "attribution.utm_source")
        from op in Gen.Elements("exists", "missing")
        select (Condition)new Condition.Compare(field, op, null));

    private static Gen<Condition> Text(string field, string[] values, params string[] ops) =>
        from value in Gen.Elements(values)
        from op in Gen.Elements(ops)
        select (Condition)new Condition.Compare(field, op, new FieldValue.Text(value));

    private static Gen<Condition> Set(string field, string[] values, params string[] ops) =>
        from value in Gen.Elements(values)
        from other in Gen.Elements(values)
        from op in Gen.Elements(ops)
        select (Condition)new Condition.Compare(field, op, new FieldValue.Many([value, other]));

    private static Gen<Condition> Threshold(string field) =>
        from number in field == Facts.Score ? Gen.Choose(0, 100) : Gen.Choose(0, 4)
        from op in Gen.Elements("gt", "gte", "lt", "lte", "eq", "ne")
        select (Condition)new Condition.Compare(field, op, new FieldValue.Number(number));

    private static Gen<string?> Or(string[] values) => Gen.Elements<string?>([null, .. values]);
}
