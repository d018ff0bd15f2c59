using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;

namespace CrmGrains.Core.Customers;

/// <summary>The contract names of what is known of a customer and of a lead.</summary>
public static class CustomerFields
{
    /// <summary>Fields that say something about a company; a field map may name no other.</summary>
    public static IReadOnlyList<string> OfCompany { get; } = ["company_name", CompanyDomain];

    /// <summary>The domain of the customer's company, as it was said last.</summary>
    public const string CompanyDomain = "company_domain";

    /// <summary>Fields of a lead that its deal shows too.</summary>
    public static IReadOnlyList<string> OfDeal { get; } =
        ["budget_range", "urgency", "pain_summary", "detected_stack", "lead_score", "routing_tier", "lead_source"];

    /// <summary>Fields after which a new deal is named: the first that is known.</summary>
    public static IReadOnlyList<string> OfDealName { get; } = ["company_name", "full_name", "email"];

    /// <summary>Fields that a deal is told of: what it shows, what it is named after, and which company it is with.</summary>
    public static IReadOnlyList<string> ToldToDeals { get; } = [.. OfDeal, .. OfDealName, CompanyDomain];

    /// <summary>Fields that a CRM may be told of a contact; a field map may name no other.</summary>
    public static IReadOnlyList<string> OfContact { get; } =
    [
        "email", "phone", "full_name", "company_name", "consent_to_contact", .. OfDeal, "qualification_status", "correlation_id",
        "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer", "landing_page", "last_invoice", "last_invoice_status",
    ];

    /// <summary>What a deal is told, each with the mark of whoever said it.</summary>
    public static IReadOnlyDictionary<string, Field> ForDeals(IReadOnlyDictionary<string, Field> fields) => ToldToDeals
        .Where(fields.ContainsKey)
        .ToDictionary(name => name, name => fields[name], StringComparer.Ordinal);

    /// <summary>What an event says about its customer, by contract name.</summary>
    public static IEnumerable<KeyValuePair<string, FieldValue?>> Said(ContractEvent received, Routing? routing)
    {
        static KeyValuePair<string, FieldValue?> Pair(string name, FieldValue? value) => new(name, value);
        var lead = received.LeadContext;
        var from = received.Attribution;

        yield return Pair("email", FieldValue.Of(received.Contact.Email));
        yield return Pair("phone", FieldValue.Of(received.Contact.Phone));
        yield return Pair("full_name", FieldValue.Of(received.Contact.FullName));
        yield return Pair("company_name", FieldValue.Of(received.Company?.Name));
        yield return Pair(CompanyDomain, FieldValue.Of(received.Company?.Domain));
        yield return Pair("consent_to_contact", FieldValue.Of(received.ConsentToContact));
        yield return Pair("budget_range", FieldValue.Of(lead?.BudgetRange));
        yield return Pair("urgency", FieldValue.Of(lead?.Urgency));
        yield return Pair("pain_summary", FieldValue.Of(lead?.PainSummary));
        yield return Pair("detected_stack", FieldValue.Of(lead?.DetectedStack));
        yield return Pair("lead_source", lead is null ? null : FieldValue.Of(received.SourceSystem));
        yield return Pair("lead_score", FieldValue.Of((decimal?)routing?.LeadScore));
        yield return Pair("qualification_status", FieldValue.Of(routing?.QualificationStatus));
        yield return Pair("routing_tier", FieldValue.Of(routing?.RoutingTier));
        yield return Pair("utm_source", FieldValue.Of(from?.UtmSource));
        yield return Pair("utm_medium", FieldValue.Of(from?.UtmMedium));
        yield return Pair("utm_campaign", FieldValue.Of(from?.UtmCampaign));
        yield return Pair("utm_term", FieldValue.Of(from?.UtmTerm));
        yield return Pair("utm_content", FieldValue.Of(from?.UtmContent));
        yield return Pair("referrer", FieldValue.Of(from?.Referrer));
        yield return Pair("landing_page", FieldValue.Of(from?.LandingPage));
        yield return Pair("last_invoice", FieldValue.Of(received.Invoice?.Id));
        yield return Pair("last_invoice_status", received.Invoice is null ? null : FieldValue.Of(received.EventType));
    }
}
