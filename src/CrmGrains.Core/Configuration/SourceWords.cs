namespace CrmGrains.Core.Configuration;

/// <summary>The closed sets of words that a source's configuration is written in.</summary>
public static class SourceWords
{
    /// <summary>How a delivery proves where it is from.</summary>
    public static IReadOnlyList<string> Schemes { get; } = [.. SchemeWords.All.Keys];

    /// <summary>Hash functions of <c>hmac</c>.</summary>
    public static IReadOnlyList<string> Hashes { get; } = ["sha256", "sha512", "sha1"];

    /// <summary>How <c>hmac</c> writes a signature down.</summary>
    public static IReadOnlyList<string> Encodings { get; } = ["hex", "base64"];

    /// <summary>Units of the timestamp that <c>hmac</c> signs.</summary>
    public static IReadOnlyList<string> TimestampUnits { get; } = ["seconds", "milliseconds"];

    /// <summary>What the text that <c>hmac</c> signs may be made of.</summary>
    public static IReadOnlyList<string> SignedTextParts { get; } = ["body", "timestamp", "method", "url"];

    /// <summary>What an idempotency key may be made of.</summary>
    public static IReadOnlyList<string> IdempotencyKeyParts { get; } = ["source", "source_system", "source_record_id", "event_type", "email"];

    /// <summary>What stands before the name of a system, for the id that the system has for the person.</summary>
    public const string ExternalIdPrefix = "contact.external_ids.";

    /// <summary>What a map of format <c>json</c> may fill in, besides external ids. Facts of a lead have the names that conditions use.</summary>
    public static IReadOnlyList<string> MapTargets { get; } =
    [
        "event_type", "source_record_id", "occurred_at", "correlation_id", "data", "consent",
        "contact.email", "contact.phone", "contact.full_name", "company.name", "company.domain",
        "lead.budget_range", "lead.urgency", "lead.pain_summary", "lead.detected_stack",
        "deal.external_id", "deal.pipeline", "deal.amount", "deal.currency",
        "invoice.id", "invoice.number", "invoice.amount", "invoice.currency",
        "invoice.subscription_id", "invoice.attempts", "invoice.next_attempt_at",
        "attribution.utm_source", "attribution.utm_medium", "attribution.utm_campaign", "attribution.utm_term",
        "attribution.utm_content", "attribution.referrer", "attribution.landing_page",
    ];

    /// <summary>Whether a map may fill it in.</summary>
    public static bool IsMapTarget(string field) => MapTargets.Contains(field, StringComparer.Ordinal)
        || (field.StartsWith(ExternalIdPrefix, StringComparison.Ordinal) && field.Length > ExternalIdPrefix.Length);
}
