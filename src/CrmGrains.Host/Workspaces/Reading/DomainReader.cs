namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads <c>domain_aliases</c>. A company follows one alias and no further, so each must name the domain that counts.</summary>
internal static class DomainReader
{
    private const int MostHops = 100;

    public static IReadOnlyDictionary<string, string> Read(Value? aliases)
    {
        var read = new Dictionary<string, string>();
        var values = new Dictionary<string, Value>();
        foreach (var (alias, key, value) in aliases?.Entries() ?? [])
        {
            if (!Syntax.IsDomain(alias))
                key.Fault("It must be a domain in lower case, without scheme, path or port, such as `example.com`.");
            if (value.Line() is not { } domain)
                continue;
            if (!Syntax.IsDomain(domain))
                value.Fault("It must be a domain in lower case, without scheme, path or port, such as `example.com`.");
            read[alias] = domain;
            values[alias] = value;
        }

        foreach (var (alias, domain) in read.Where(alias => read.ContainsKey(alias.Value)))
        {
            var end = EndOf(alias, read);
            values[alias].Fault(end is null
                ? $"The aliases from `{Value.Clipped(domain)}` on go round in a circle. Decide which domain counts, and take it out of the left side."
                : $"The domain `{Value.Clipped(domain)}` is an alias itself. Write `{Value.Clipped(end)}` here.");
        }

        return read;
    }

    /// <returns>Null where the aliases lead round in a circle, or further than anyone would follow them.</returns>
    private static string? EndOf(string alias, Dictionary<string, string> aliases)
    {
        var at = alias;
        for (var hops = 0; hops < MostHops; hops++)
        {
            if (!aliases.TryGetValue(at, out var next))
                return at;
            at = next;
        }

        return null;
    }
}
