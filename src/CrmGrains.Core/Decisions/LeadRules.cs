using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;

namespace CrmGrains.Core.Decisions;

/// <summary>Scores, qualifies and routes a lead by the workspace's rules, and keeps every condition with what it saw.</summary>
public static class LeadRules
{
    private const string Unqualified = "unqualified";

    /// <summary>Judges one lead by what its event says.</summary>
    public static (Routing Routing, IReadOnlyList<ConditionTrace> Conditions) Judge(WorkspaceConfiguration workspace, ContractEvent lead)
    {
        var facts = Facts(lead);
        var conditions = new List<ConditionTrace>();

        var score = workspace.Scoring.Start;
        foreach (var rule in workspace.Scoring.Rules)
        {
            if (Asked($"scoring.{rule.Name}", rule.When, facts, conditions, rule.Points))
                score += rule.Points;
        }

        score = Math.Clamp(score, 0, 100);
        facts["score"] = new FieldValue.Number(score);

        var status = workspace.Qualification
            .FirstOrDefault(rule => Asked($"qualification.{rule.Status}", rule.When, facts, conditions))?.Status ?? Unqualified;
        facts["status"] = new FieldValue.Text(status);

        var route = workspace.Routing.FirstOrDefault(rule => Asked($"routing.{rule.Tier}", rule.When, facts, conditions));
        return (new Routing
        {
            QualificationStatus = status,
            LeadScore = score,
            RoutingTier = route?.Tier,
            TargetPipeline = route?.Pipeline,
            TargetOwnerRole = route?.OwnerRole,
        }, conditions);
    }

    /// <summary>The facts that conditions may ask for, by name.</summary>
    public static IReadOnlyList<string> FactNames { get; } =
    [
        "event_type", "source_system", "email", "email_domain", "phone", "full_name", "company.name", "company.domain", "consent",
        "lead.budget_range", "lead.urgency", "lead.pain_summary", "lead.detected_stack", "lead.stack_size", "score", "status",
    ];

    internal static Dictionary<string, FieldValue> Facts(ContractEvent lead)
    {
        var facts = new Dictionary<string, FieldValue>(StringComparer.Ordinal);
        void Add(string name, FieldValue? value)
        {
            if (value is not null)
                facts[name] = value;
        }

        Add("event_type", FieldValue.Of(lead.EventType));
        Add("source_system", FieldValue.Of(lead.SourceSystem));
        Add("email", FieldValue.Of(lead.Contact.Email));
        Add("email_domain", FieldValue.Of(lead.Contact.Email?.Split('@')[^1]));
        Add("phone", FieldValue.Of(lead.Contact.Phone));
        Add("full_name", FieldValue.Of(lead.Contact.FullName));
        Add("company.name", FieldValue.Of(lead.Company?.Name));
        Add("company.domain", FieldValue.Of(lead.Company?.Domain));
        Add("consent", FieldValue.Of(lead.ConsentToContact));
        Add("lead.budget_range", FieldValue.Of(lead.LeadContext?.BudgetRange));
        Add("lead.urgency", FieldValue.Of(lead.LeadContext?.Urgency));
        Add("lead.pain_summary", FieldValue.Of(lead.LeadContext?.PainSummary));
        Add("lead.detected_stack", FieldValue.Of(lead.LeadContext?.DetectedStack));
        Add("lead.stack_size", FieldValue.Of((decimal?)(lead.LeadContext?.DetectedStack?.Count ?? 0)));
        return facts;
    }

    private static bool Asked(
        string rule, Condition when, Dictionary<string, FieldValue> facts, List<ConditionTrace> conditions, int? points = null)
    {
        var first = conditions.Count;
        var holds = when.Holds(facts, (compare, value, answer) => conditions.Add(new ConditionTrace(
            rule, compare.Value is null ? $"{compare.Field} {compare.Op}" : $"{compare.Field} {compare.Op} {compare.Value}", value?.ToString(), answer)));
        if (holds && points is not null && conditions.Count > first)
            conditions[^1] = conditions[^1] with { Points = points };
        return holds;
    }
}
