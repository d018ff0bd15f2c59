namespace CrmGrains.Intake.Sources;

/// <summary>The contract's fields that the map of a <c>json</c> source may fill, by the names that it uses.</summary>
public static class MappedFields
{
    /// <summary>What stands before the name of a system, for the id that the system has for the person.</summary>
    public const string ExternalIdPrefix = "contact.external_ids.";

    /// <summary>All of them but the external ids.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "event_type", "occurred_at", "source_record_id", "correlation_id", "data", "consent",
        "contact.email", "contact.phone", "contact.full_name",
        "company.name", "company.domain",
        "deal.external_id", "deal.pipeline", "deal.amount", "deal.currency",
        "lead.budget_range", "lead.urgency", "lead.pain_summary", "lead.detected_stack",
        "invoice.id", "invoice.number", "invoice.amount", "invoice.currency", "invoice.subscription_id", "invoice.attempts",
        "invoice.next_attempt_at",
        "attribution.utm_source", "attribution.utm_medium", "attribution.utm_campaign", "attribution.utm_term", "attribution.utm_content",
        "attribution.referrer", "attribution.landing_page",
    ];

    /// <summary>Whether a map may have the field.</summary>
    public static bool IsKnown(string field) => Names.Contains(field, StringComparer.Ordinal)
        || (field.StartsWith(ExternalIdPrefix, StringComparison.Ordinal) && field.Length > ExternalIdPrefix.Length);
}
