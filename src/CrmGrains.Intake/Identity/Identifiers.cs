using System.Security.Cryptography;
using System.Text;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;

namespace CrmGrains.Intake.Identity;

/// <summary>One thing that a customer is known by.</summary>
/// <param name="Kind"><c>email</c>, <c>phone</c>, or <c>external:</c> and the system.</param>
/// <param name="Value">Normalized.</param>
internal readonly record struct Identifier(string Workspace, string Kind, string Value)
{
    public const string Email = "email";
    public const string Phone = "phone";
    public const string ExternalPrefix = "external:";

    /// <summary>The order in which rows are inserted, so that no two transactions wait for each other in a circle.</summary>
    public static IComparer<Identifier> InsertOrder { get; } = Comparer<Identifier>.Create((left, right) =>
    {
        var order = string.CompareOrdinal(left.Workspace, right.Workspace);
        if (order == 0)
            order = string.CompareOrdinal(left.Kind, right.Kind);
        return order == 0 ? string.CompareOrdinal(left.Value, right.Value) : order;
    });

    /// <summary>The id that a system has for the person.</summary>
    public static Identifier External(string workspace, string system, string id) => new(workspace, $"{ExternalPrefix}{system}", id);

    /// <summary>The key of a new customer who is known by this: the same wherever it is derived, so two events that race make one customer.</summary>
    public string DeriveCustomer() =>
        $"c{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Workspace}\n{Kind}\n{Value}")).AsSpan(0, 16))}";
}

/// <summary>An identifier that an event gives, and how much it says about who the person is.</summary>
/// <param name="Identifier">As it is looked up.</param>
/// <param name="Kind">What the ledger calls it, for example <c>email</c>, <c>email_alias</c>, <c>external:stripe</c>.</param>
/// <param name="Confidence">That whoever is known by it is the person; from 0 to 1.</param>
internal readonly record struct Evidence(Identifier Identifier, string Kind, double Confidence)
{
    public const string SecondaryEmail = "secondary_email";
    public const string DisposableEmail = "email_disposable";

    // Nobody has so many; what is beyond is somebody's test, or worse.
    private const int Most = 32;

    /// <summary>Whether it names a person. A phone may be shared by a household or an office, a disposable address by everybody.</summary>
    public bool IsProof => Kind is not (Identifier.Phone or DisposableEmail);

    /// <summary>What an event's contact is known by, the strongest first; what a new customer's key is made of comes first of all.</summary>
    public static IReadOnlyList<Evidence> Of(ContractEvent received, IdentityConfiguration rules)
    {
        var contact = received.Contact;
        var evidence = new List<Evidence>(4);
        if (contact.Email is { } email)
            AddEmail(evidence, received.Workspace, email, rules, isSecondary: false);
        if (contact.ExternalIds is { Count: > 0 } ids)
        {
            foreach (var (system, id) in ids.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                Add(evidence, new(Identifier.External(received.Workspace, system, id), $"{Identifier.ExternalPrefix}{system}", 0.95));
        }

        foreach (var other in contact.SecondaryEmails ?? [])
            AddEmail(evidence, received.Workspace, other, rules, isSecondary: true);
        if (contact.Phone is { } phone)
            Add(evidence, new(new(received.Workspace, Identifier.Phone, phone), Identifier.Phone, 0.7));
        // What proves nothing comes last, in the order in which it was given.
        return evidence.Exists(one => !one.IsProof) ? [.. evidence.OrderBy(one => one.IsProof ? 0 : one.Kind == Identifier.Phone ? 1 : 2).Take(Most)] : evidence;
    }

    // An address is looked up as it is too: that is how it may have been stored before its mailbox was known to be another's.
    private static void AddEmail(List<Evidence> evidence, string workspace, string email, IdentityConfiguration rules, bool isSecondary)
    {
        var mailbox = Mailbox.Of(email, rules);
        var isDisposable = MailDomains.IsDisposable(EmailAddress.DomainOf(mailbox.Address));
        if (mailbox.Kind != Mailbox.Exact)
            Add(evidence, new(
                new(workspace, Identifier.Email, mailbox.Address), isDisposable ? DisposableEmail : mailbox.Kind, isDisposable ? 0.5 : 0.95));
        Add(evidence, new(
            new(workspace, Identifier.Email, email),
            isDisposable ? DisposableEmail : isSecondary ? SecondaryEmail : Mailbox.Exact,
            isDisposable ? 0.5 : isSecondary ? 0.95 : 1));
    }

    private static void Add(List<Evidence> evidence, Evidence one)
    {
        foreach (var other in evidence)
        {
            if (other.Identifier == one.Identifier)
                return;
        }

        if (evidence.Count < Most)
            evidence.Add(one);
    }
}
