using System.Globalization;
using System.Text.Json;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;

namespace CrmGrains.Core.Decisions;

/// <summary>What conditions may ask for, by name: what an event says, what is in its data, and what is known of its customer.</summary>
public static class Facts
{
    /// <summary>What stands before a path into the event's data.</summary>
    public const string DataPrefix = "data.";

    /// <summary>What stands before what is known of the customer.</summary>
    public const string CustomerPrefix = "customer.";

    /// <summary>The score of a lead, once it is added up.</summary>
    public const string Score = "score";

    /// <summary>The qualification status of a lead, once there is one.</summary>
    public const string Status = "status";

    // Looked up only where it is asked for.
    private const string OccurredAt = "occurred_at";

    private static readonly string[] Said =
    [
        "event_type", "source_system", "email", "email_domain", "phone", "full_name", "company.name", "company.domain", "consent",
        "lead.budget_range", "lead.urgency", "lead.pain_summary", "lead.detected_stack", "lead.stack_size",
        "attribution.utm_source", "attribution.utm_medium", "attribution.utm_campaign", "attribution.utm_term", "attribution.utm_content",
        "attribution.referrer", "attribution.landing_page",
    ];

    private static readonly string[] Counted = ["customer.events", "customer.emails", "customer.companies", "customer.pipelines", "customer.tasks", "customer.in_crm"];

    /// <summary>
    /// What the rules for leads may ask for. Nothing of the customer is among it: a lead is judged by what it says itself, so that events give
    /// the same in any order.
    /// </summary>
    public static IReadOnlyList<string> OfLeads { get; } = [.. Said, Score, Status];

    /// <summary>What any event says, besides its data.</summary>
    public static IReadOnlyList<string> OfEvents { get; } =
    [
        .. Said, "source_record_id", OccurredAt, "deal.pipeline", "deal.amount", "deal.currency", "invoice.id", "invoice.number", "invoice.amount",
        "invoice.currency", "invoice.attempts", "invoice.next_attempt_at",
    ];

    /// <summary>What is known of a customer: fields by their contract names, and how much there is of what.</summary>
    public static IReadOnlyList<string> OfCustomers { get; } =
    [
        .. CustomerFields.OfContact.Append(CustomerFields.CompanyDomain).Select(name => CustomerPrefix + name), .. Counted,
    ];

    /// <summary>What kind of value a fact has.</summary>
    public static FactKind KindOf(string name) => name switch
    {
        Score or "lead.stack_size" or "deal.amount" or "invoice.amount" or "invoice.attempts" or "customer.lead_score"
            or "customer.events" or "customer.emails" or "customer.companies" => FactKind.Number,
        "consent" or "customer.consent_to_contact" or "customer.in_crm" => FactKind.Flag,
        "lead.detected_stack" or "customer.detected_stack" or "customer.pipelines" or "customer.tasks" => FactKind.List,
        "email" or "email_domain" or "company.domain" or "customer.email" or "customer.company_domain" => FactKind.Domain,
        _ when name.StartsWith(DataPrefix, StringComparison.Ordinal) => FactKind.Any,
        _ => FactKind.Text,
    };

    /// <summary>The facts that there are.</summary>
    /// <param name="received">The event.</param>
    /// <param name="customer">What is known of its customer; null where nobody may ask for that.</param>
    /// <param name="wanted">What will be asked for: of the data and of the customer only that is looked up.</param>
    public static Dictionary<string, FieldValue> Of(ContractEvent received, CustomerState? customer = null, IEnumerable<string>? wanted = null)
    {
        var facts = new Dictionary<string, FieldValue>(32, StringComparer.Ordinal);
        foreach (var name in OfEvents)
        {
            if (name != OccurredAt && OfEvent(received, name) is { } said)
                facts[name] = said;
        }

        foreach (var name in wanted ?? [])
        {
            var value = !name.StartsWith(CustomerPrefix, StringComparison.Ordinal) ? OfEvent(received, name)
                : customer is not null ? OfCustomer(customer, name) : null;
            if (value is not null)
                facts[name] = value;
        }

        return facts;
    }

    /// <summary>Those facts of an event that are asked for: an event says more than most rules want to know.</summary>
    public static Dictionary<string, FieldValue> Asked(ContractEvent received, IEnumerable<string> names)
    {
        var facts = new Dictionary<string, FieldValue>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (OfEvent(received, name) is { } value)
                facts[name] = value;
        }

        return facts;
    }

    /// <summary>One fact of an event; null where it doesn't say it.</summary>
    public static FieldValue? OfEvent(ContractEvent received, string name) => name switch
    {
        "event_type" => FieldValue.Of(received.EventType),
        "source_system" => FieldValue.Of(received.SourceSystem),
        "source_record_id" => FieldValue.Of(received.SourceRecordId),
        OccurredAt => FieldValue.Of(Instant(received.OccurredAt)),
        "email" => FieldValue.Of(received.Contact.Email),
        "email_domain" => received.Contact.Email is { } email ? FieldValue.Of(EmailAddress.DomainOf(email)) : null,
        "phone" => FieldValue.Of(received.Contact.Phone),
        "full_name" => FieldValue.Of(received.Contact.FullName),
        "company.name" => FieldValue.Of(received.Company?.Name),
        "company.domain" => FieldValue.Of(received.Company?.Domain),
        "consent" => FieldValue.Of(received.ConsentToContact),
        "lead.budget_range" => FieldValue.Of(received.LeadContext?.BudgetRange),
        "lead.urgency" => FieldValue.Of(received.LeadContext?.Urgency),
        "lead.pain_summary" => FieldValue.Of(received.LeadContext?.PainSummary),
        "lead.detected_stack" => FieldValue.Of(received.LeadContext?.DetectedStack),
        "lead.stack_size" => new FieldValue.Number(received.LeadContext?.DetectedStack?.Count ?? 0),
        "attribution.utm_source" => FieldValue.Of(received.Attribution?.UtmSource),
        "attribution.utm_medium" => FieldValue.Of(received.Attribution?.UtmMedium),
        "attribution.utm_campaign" => FieldValue.Of(received.Attribution?.UtmCampaign),
        "attribution.utm_term" => FieldValue.Of(received.Attribution?.UtmTerm),
        "attribution.utm_content" => FieldValue.Of(received.Attribution?.UtmContent),
        "attribution.referrer" => FieldValue.Of(received.Attribution?.Referrer),
        "attribution.landing_page" => FieldValue.Of(received.Attribution?.LandingPage),
        "deal.pipeline" => FieldValue.Of(received.Deal?.Pipeline),
        "deal.amount" => FieldValue.Of(received.Deal?.Amount),
        "deal.currency" => FieldValue.Of(received.Deal?.Currency),
        "invoice.id" => FieldValue.Of(received.Invoice?.Id),
        "invoice.number" => FieldValue.Of(received.Invoice?.Number),
        "invoice.amount" => FieldValue.Of(received.Invoice?.Amount),
        "invoice.currency" => FieldValue.Of(received.Invoice?.Currency),
        "invoice.attempts" => FieldValue.Of((decimal?)received.Invoice?.Attempts),
        "invoice.next_attempt_at" => FieldValue.Of(received.Invoice?.NextAttemptAt is { } next ? Instant(next) : null),
        _ when name.StartsWith(DataPrefix, StringComparison.Ordinal) => InData(received.Data, name.AsSpan(DataPrefix.Length)),
        _ => null,
    };

    /// <summary>
    /// Sets one fact as if the event had said so, and those that follow from it: the domain of an address, the size of a stack. Null takes it away.
    /// </summary>
    public static void Suppose(Dictionary<string, FieldValue> facts, string name, FieldValue? value)
    {
        Set(facts, name, value);
        switch (name)
        {
            case "email":
                Set(facts, "email_domain", value is null ? null : FieldValue.Of(EmailAddress.DomainOf(value.ToString())));
                break;
            case "email_domain" when facts.TryGetValue("email", out var email):
                Set(facts, "email", value is null ? null : new FieldValue.Text(email.ToString().Split('@')[0] + "@" + value));
                break;
            case "lead.detected_stack":
                facts["lead.stack_size"] = new FieldValue.Number(value is FieldValue.Many many ? many.Values.Count : 0);
                break;
            case "lead.stack_size":
                // Fewer tools are the first ones; which ones more would be, nobody knows.
                var size = value is FieldValue.Number number ? (int)Math.Clamp(number.Value, 0, int.MaxValue) : 0;
                facts[name] = value ?? new FieldValue.Number(0);
                if (facts.TryGetValue("lead.detected_stack", out var stack) && stack is FieldValue.Many tools && tools.Values.Count > size)
                    Set(facts, "lead.detected_stack", FieldValue.Of((IReadOnlyList<string>)[.. tools.Values.Take(size)]));
                break;
        }
    }

    /// <summary>Facts that follow from one another have the same root: who supposes one of them supposes the other.</summary>
    public static string RootOf(string name) => name switch
    {
        "email_domain" => "email",
        "lead.stack_size" => "lead.detected_stack",
        _ => name,
    };

    /// <summary>The facts that a condition asks for; some of them twice.</summary>
    public static IEnumerable<string> AskedBy(Condition condition) => condition.Comparisons().Select(compare => compare.Field);

    private static void Set(Dictionary<string, FieldValue> facts, string name, FieldValue? value)
    {
        if (value is null)
            facts.Remove(name);
        else
            facts[name] = value;
    }

    /// <summary>One fact of a customer; null where it isn't known.</summary>
    /// <param name="customer">What is known.</param>
    /// <param name="name">With <see cref="CustomerPrefix"/>.</param>
    public static FieldValue? OfCustomer(CustomerState customer, string name) => name[CustomerPrefix.Length..] switch
    {
        "events" => new FieldValue.Number(customer.Events),
        "emails" => new FieldValue.Number(customer.Emails.Count),
        "companies" => new FieldValue.Number(customer.Companies.Count),
        "pipelines" => FieldValue.Of(customer.Pipelines),
        "tasks" => FieldValue.Of(customer.Tasks),
        "in_crm" => new FieldValue.Flag(customer.ContactId is not null),
        var said => customer.Fields.TryGetValue(said, out var field) ? field.Value : null,
    };

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static FieldValue? InData(JsonElement? data, ReadOnlySpan<char> path)
    {
        var at = data;
        foreach (var key in path.Split('.'))
        {
            if (at is not { ValueKind: JsonValueKind.Object } parent || !parent.TryGetProperty(path[key], out var child))
                return null;
            at = child;
        }

        return at is { } found ? ValueOf(found) : null;
    }

    // What is neither a plain value nor a list of texts can't be compared with anything.
    private static FieldValue? ValueOf(JsonElement found) => found.ValueKind switch
    {
        JsonValueKind.String => FieldValue.Of(found.GetString()),
        JsonValueKind.Number => found.TryGetDecimal(out var number) ? FieldValue.Of(number) : null,
        JsonValueKind.True => FieldValue.Of(true),
        JsonValueKind.False => FieldValue.Of(false),
        JsonValueKind.Array => FieldValue.Of(
            (IReadOnlyList<string>)[.. found.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString() ?? "")]),
        _ => null,
    };
}

/// <summary>What kind of value a fact has.</summary>
public enum FactKind
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A text that is a domain or an address at one.</summary>
    Domain,

    /// <summary>A number.</summary>
    Number,

    /// <summary>Yes or no.</summary>
    Flag,

    /// <summary>A list of texts.</summary>
    List,

    /// <summary>What a payload has there; known only when it comes.</summary>
    Any,
}
