namespace CrmGrains.Core.Configuration;

/// <summary>The closed sets of words that a source's configuration is written in.</summary>
public static class SourceWords
{
    /// <summary>How payloads read.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["diagnostic_form", "stripe", "json"];

    /// <summary>How a delivery proves where it is from.</summary>
    public static IReadOnlyList<string> Schemes { get; } = ["standard_webhooks", "stripe", "hmac"];

    /// <summary>Hash functions of <c>hmac</c>.</summary>
    public static IReadOnlyList<string> Hashes { get; } = ["sha256", "sha512", "sha1"];

    /// <summary>How <c>hmac</c> writes a signature down.</summary>
    public static IReadOnlyList<string> Encodings { get; } = ["hex", "base64"];

    /// <summary>What an idempotency key may be made of.</summary>
    public static IReadOnlyList<string> IdempotencyKeyParts { get; } = ["source", "source_system", "source_record_id", "event_type", "email"];

    /// <summary>What a map of format <c>json</c> may fill in. Facts about the lead have the names that conditions ask for them by.</summary>
    public static IReadOnlyList<string> MapTargets { get; } =
    [
        "event_type", "source_record_id", "occurred_at", "correlation_id",
        "contact.email", "contact.phone", "contact.full_name", "company.name", "company.domain",
        "lead.budget_range", "lead.urgency", "lead.pain_summary", "lead.detected_stack", "consent",
        "deal.external_id", "deal.pipeline", "deal.amount", "deal.currency",
        "invoice.id", "invoice.number", "invoice.amount", "invoice.currency",
        "attribution.utm_source", "attribution.utm_medium", "attribution.utm_campaign", "attribution.utm_term",
        "attribution.utm_content", "attribution.referrer", "attribution.landing_page",
    ];
}
