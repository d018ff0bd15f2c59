namespace CrmGrains.Core.Configuration;

/// <summary>How the workspace tells people apart.</summary>
public sealed record IdentityConfiguration
{
    /// <summary>Mail domains that mean another one, for example <c>old.example: new.example</c>: the same mailbox is at both.</summary>
    public IReadOnlyDictionary<string, string> DomainAliases { get; init; } = new Dictionary<string, string>();

    /// <summary>Domains at which what follows a plus before the @ doesn't name another mailbox, beside the providers that are known for it.</summary>
    public IReadOnlySet<string> PlusDomains { get; init; } = new HashSet<string>();
}
