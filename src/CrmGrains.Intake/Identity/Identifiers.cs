using System.Security.Cryptography;
using System.Text;
using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;

namespace CrmGrains.Intake.Identity;

/// <summary>One thing that a customer is known by.</summary>
/// <param name="Kind"><c>email</c>, <c>phone</c>, or <c>external:</c> and the system.</param>
/// <param name="Value">Normalized.</param>
internal readonly record struct Identifier(string Workspace, string Kind, string Value)
{
    public const string Email = "email";
    public const string Phone = "phone";

    /// <summary>The order in which rows are inserted, so that no two transactions wait for each other in a circle.</summary>
    public static IComparer<Identifier> InsertOrder { get; } = Comparer<Identifier>.Create((left, right) =>
    {
        var order = string.CompareOrdinal(left.Workspace, right.Workspace);
        if (order == 0)
            order = string.CompareOrdinal(left.Kind, right.Kind);
        return order == 0 ? string.CompareOrdinal(left.Value, right.Value) : order;
    });

    /// <summary>What an event's contact is known by, the strongest first.</summary>
    public static IReadOnlyList<Identifier> Of(ContractEvent received)
    {
        var identifiers = new List<Identifier>(3);
        if (received.Contact.Email is { } email)
            identifiers.Add(new(received.Workspace, Email, email));
        foreach (var (system, id) in (received.Contact.ExternalIds ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal))
            identifiers.Add(new(received.Workspace, $"external:{system}", id));
        if (received.Contact.Phone is { } phone)
            identifiers.Add(new(received.Workspace, Phone, phone));
        return identifiers;
    }

    /// <summary>The key of a new customer who is known by this: the same wherever it is derived, so two events that race make one customer.</summary>
    public string DeriveCustomer() =>
        $"c{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Workspace}\n{Kind}\n{Value}")).AsSpan(0, 16))}";
}

/// <summary>Whom an event is about. A closed set.</summary>
internal abstract record Identification
{
    private Identification() { }

    /// <summary>This customer.</summary>
    public sealed record Customer(string Key, IdentityMatch Match, IReadOnlyList<Identifier> New) : Identification;

    /// <summary>Its identifiers belong to different customers; a person decides.</summary>
    public sealed record Ambiguous(IReadOnlyList<string> Keys) : Identification;

    /// <summary>
    /// Decides by what is known. Addresses and external ids name a person; a phone may be shared by a household or an office, so it
    /// decides only where there is nothing else.
    /// </summary>
    public static Identification Of(IReadOnlyList<Identifier> identifiers, IReadOnlyDictionary<Identifier, string> known)
    {
        var strong = identifiers.Where(identifier => identifier.Kind != Identifier.Phone).ToList();
        var matches = strong.Where(known.ContainsKey).Select(identifier => (identifier.Kind, Customer: known[identifier])).ToList();
        var customers = matches.Select(match => match.Customer).Distinct(StringComparer.Ordinal).ToList();
        if (customers.Count > 1)
            return new Ambiguous(customers);

        var unknown = identifiers.Where(identifier => !known.ContainsKey(identifier)).ToList();
        if (customers.Count == 1)
            return new Customer(customers[0], MatchedBy(matches[0].Kind, [.. matches.Select(match => match.Kind)]), unknown);

        var phone = identifiers.FirstOrDefault(identifier => identifier.Kind == Identifier.Phone && known.ContainsKey(identifier));
        var isByPhone = phone.Value is not null && !strong.Exists(identifier => identifier.Kind == Identifier.Email);
        return isByPhone
            ? new Customer(known[phone], MatchedBy(Identifier.Phone, [Identifier.Phone]), unknown)
            : new Customer(identifiers[0].DeriveCustomer(), new IdentityMatch("new", 1, [identifiers[0].Kind]), unknown);
    }

    private static IdentityMatch MatchedBy(string by, IReadOnlyList<string> evidence) => by switch
    {
        Identifier.Email => new IdentityMatch("email", 1, evidence),
        Identifier.Phone => new IdentityMatch("phone", 0.7, evidence),
        _ => new IdentityMatch("external_id", 0.95, evidence),
    };
}
