using CrmGrains.Core.Decisions;

namespace CrmGrains.Core.Customers;

/// <summary>What is known of a customer, as texts by name: what proposals rest on and people are shown.</summary>
public static class CustomerFacts
{
    /// <summary>The facts of these names as they are now; null where nothing is known.</summary>
    public static IReadOnlyDictionary<string, string?> Of(CustomerState state, IEnumerable<string> names)
    {
        var facts = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        foreach (var name in names)
            facts[name] = Of(state, name);
        return facts;
    }

    /// <summary>One fact as it is now.</summary>
    public static string? Of(CustomerState state, string name) =>
        name.StartsWith(Facts.CustomerPrefix, StringComparison.Ordinal) ? Facts.OfCustomer(state, name)?.ToString() : null;
}
