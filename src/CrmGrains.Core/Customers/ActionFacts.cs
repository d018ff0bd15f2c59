using System.Collections;
using System.Diagnostics.CodeAnalysis;
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
    public static IReadOnlyList<string> OfEvent { get; } = [.. Facts.OfEvents, Facts.Score, Facts.Status, "tier"];

    /// <summary>Those facts of an event that are asked for, by name.</summary>
    /// <param name="received">The event.</param>
    /// <param name="routing">What the lead rules made of it; null where it is no lead.</param>
    /// <param name="wanted">What will be asked for.</param>
    public static Dictionary<string, FieldValue> Of(ContractEvent received, Routing? routing, IEnumerable<string> wanted)
    {
        var facts = Facts.Asked(received, wanted);
        if (routing is null)
            return facts;
        facts[Facts.Score] = new FieldValue.Number(routing.LeadScore);
        if (FieldValue.Of(routing.QualificationStatus) is { } status)
            facts[Facts.Status] = status;
        if (FieldValue.Of(routing.RoutingTier) is { } tier)
            facts["tier"] = tier;
        return facts;
    }

    /// <summary>The facts with those of the customer.</summary>
    internal static IReadOnlyDictionary<string, FieldValue> With(IReadOnlyDictionary<string, FieldValue> facts, CustomerState state) =>
        new WithCustomer(facts, state);

    /// <summary>A fact as people are shown it; null where it is unknown.</summary>
    internal static string? Shown(IReadOnlyDictionary<string, FieldValue> facts, string name) =>
        facts.GetValueOrDefault(name)?.ToString() is not { } text ? null
        : text.Length <= MostShown ? text
        : $"{text.AsSpan(0, char.IsHighSurrogate(text[MostShown - 1]) ? MostShown - 1 : MostShown)}…";

    // Few of the customer's facts are asked for, by few actions: each is looked up when it is.
    private sealed class WithCustomer(IReadOnlyDictionary<string, FieldValue> facts, CustomerState state) : IReadOnlyDictionary<string, FieldValue>
    {
        public IEnumerable<string> Keys => this.Select(fact => fact.Key);

        public IEnumerable<FieldValue> Values => this.Select(fact => fact.Value);

        public int Count => Keys.Count();

        public FieldValue this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no fact {key}.");

        public bool ContainsKey(string key) => TryGetValue(key, out _);

        public bool TryGetValue(string key, [MaybeNullWhen(false)] out FieldValue value)
        {
            if (!key.StartsWith(Facts.CustomerPrefix, StringComparison.Ordinal))
                return facts.TryGetValue(key, out value);
            value = Facts.OfCustomer(state, key);
            return value is not null;
        }

        public IEnumerator<KeyValuePair<string, FieldValue>> GetEnumerator() => facts
            .Where(fact => !fact.Key.StartsWith(Facts.CustomerPrefix, StringComparison.Ordinal))
            .Concat(Facts.OfCustomers
                .Select(name => (Name: name, Value: Facts.OfCustomer(state, name)))
                .Where(fact => fact.Value is not null).Select(fact => KeyValuePair.Create(fact.Name, fact.Value!)))
            .GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
