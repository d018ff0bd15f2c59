using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;

namespace CrmGrains.Core.Customers;

/// <summary>
/// What playbooks may ask for: the facts of the event, what the lead rules made of it, and what is known of the customer as
/// <c>customer.</c> and the contract name of a field.
/// </summary>
public static class ActionFacts
{
    // A transcript has an hour of speech; a person who decides needs its beginning, and the review item has a bound.
    private const int MostShown = 1_000;

    /// <summary>Facts of the event; whether an action is asked for may depend on these, and on <c>data.</c> and a path.</summary>
    public static IReadOnlyList<string> OfEvent { get; } = [.. EventFacts.Names.Union(
        ["score", "status", "tier", "invoice.id", "invoice.number", "invoice.next_attempt_at", "occurred_at"], StringComparer.Ordinal)];

    /// <summary>Facts of the customer; texts, context and questions may ask for these too.</summary>
    public static IReadOnlyList<string> OfCustomer { get; } =
        [.. CustomerFields.OfContact.Union(CustomerFields.OfCompany, StringComparer.Ordinal).Select(name => CustomerFacts.Prefix + name)];

    /// <summary>The facts of an event by name.</summary>
    /// <param name="received">The event.</param>
    /// <param name="routing">What the lead rules made of it; null where it is no lead.</param>
    /// <param name="wanted">What will be asked for; of the data only that is looked up.</param>
    public static Dictionary<string, FieldValue> Of(ContractEvent received, Routing? routing, IEnumerable<string> wanted)
    {
        var facts = new Dictionary<string, FieldValue>(EventFacts.Of(received, wanted), StringComparer.Ordinal);
        void Add(string name, FieldValue? value)
        {
            if (value is not null)
                facts[name] = value;
        }

        Add("score", FieldValue.Of((decimal?)routing?.LeadScore));
        Add("status", FieldValue.Of(routing?.QualificationStatus));
        Add("tier", FieldValue.Of(routing?.RoutingTier));
        Add("invoice.id", FieldValue.Of(received.Invoice?.Id));
        Add("invoice.number", FieldValue.Of(received.Invoice?.Number));
        Add("invoice.next_attempt_at", FieldValue.Of(received.Invoice?.NextAttemptAt is { } next ? Instant(next) : null));
        Add("occurred_at", FieldValue.Of(Instant(received.OccurredAt)));
        return facts;
    }

    /// <summary>The facts with those of the customer.</summary>
    internal static IReadOnlyDictionary<string, FieldValue> With(IReadOnlyDictionary<string, FieldValue> facts, CustomerState state)
    {
        var all = new Dictionary<string, FieldValue>(facts, StringComparer.Ordinal);
        foreach (var (name, field) in state.Fields)
            all[CustomerFacts.Prefix + name] = field.Value;
        return all;
    }

    /// <summary>A fact as people are shown it; null where it is unknown.</summary>
    internal static string? Shown(IReadOnlyDictionary<string, FieldValue> facts, string name) =>
        facts.GetValueOrDefault(name)?.ToString() is not { } text ? null
        : text.Length <= MostShown ? text
        : $"{text.AsSpan(0, char.IsHighSurrogate(text[MostShown - 1]) ? MostShown - 1 : MostShown)}…";

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture);
}
