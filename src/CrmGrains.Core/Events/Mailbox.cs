using CrmGrains.Core.Configuration;

namespace CrmGrains.Core.Events;

/// <summary>The mailbox that an address leads to, as far as that can be known without asking.</summary>
/// <param name="Address">The one form of all its addresses.</param>
/// <param name="Kind">How the address differs from it; one of the names here.</param>
public readonly record struct Mailbox(string Address, string Kind)
{
    /// <summary>It is the address itself.</summary>
    public const string Exact = "email";

    /// <summary>The workspace calls its domain another name of the mailbox's.</summary>
    public const string Alias = "email_alias";

    /// <summary>It carries a tag after a plus, or dots, that the provider doesn't look at.</summary>
    public const string Tagged = "email_tag";

    /// <summary>Where mail to an address ends up.</summary>
    /// <param name="address">Normalized.</param>
    /// <param name="rules">The workspace's.</param>
    public static Mailbox Of(string address, IdentityConfiguration rules)
    {
        var at = address.IndexOf('@', StringComparison.Ordinal);
        var local = address.AsSpan(0, at);
        var given = address[(at + 1)..];
        var domain = MailDomains.MainOf(rules.DomainAliases.GetValueOrDefault(given, given));

        var plus = local.IndexOf('+');
        var isTagged = plus > 0 && (MailDomains.HasPlusAddresses(domain) || rules.PlusDomains.Contains(domain) || rules.PlusDomains.Contains(given));
        if (isTagged)
            local = local[..plus];
        var hasDots = local.Contains('.') && MailDomains.IgnoresDots(domain);
        if (!isTagged && !hasDots)
            return domain == given ? new(address, Exact) : new($"{local}@{domain}", Alias);
        return new($"{(hasDots ? local.ToString().Replace(".", "", StringComparison.Ordinal) : local)}@{domain}", Tagged);
    }
}
