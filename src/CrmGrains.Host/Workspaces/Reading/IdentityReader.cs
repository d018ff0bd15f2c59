using CrmGrains.Core.Configuration;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads <c>identity</c>.</summary>
internal static class IdentityReader
{
    public static IdentityConfiguration Read(Value? identity)
    {
        if (identity is null)
            return new IdentityConfiguration();
        var section = identity.Section([], ["domain_aliases", "plus_domains"]);
        return new IdentityConfiguration
        {
            DomainAliases = DomainReader.Read(section["domain_aliases"]),
            PlusDomains = (section["plus_domains"]?.Distinct(Domain) ?? []).ToHashSet(StringComparer.Ordinal),
        };
    }

    private static string? Domain(Value value) => value.Line() is not { } domain ? null
        : Syntax.IsDomain(domain) ? domain
        : value.Wrong<string>("must be a domain in lower case, without scheme, path or port, such as `example.com`");
}
