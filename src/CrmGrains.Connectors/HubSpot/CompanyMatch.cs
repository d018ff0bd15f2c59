using CrmGrains.Core.Commands;
using CrmGrains.Core.Fields;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>
/// Records that a company may be, and which of them it is. Does no I/O. In this order: the one with our key, the main domain, an alias of
/// it, one of the record's additional domains, the same name under a domain that differs after its first label
/// (<c>example.io</c> for <c>example.com</c>).
/// </summary>
internal sealed class CompanyMatch
{
    private readonly HashSet<string> _ids = [];
    private readonly Dictionary<string, List<CrmRecord>> _by = [];

    /// <summary>Adds a candidate, unless one with its id is there.</summary>
    public void Add(CrmRecord record)
    {
        if (record.Id.Length > 0 && !_ids.Add(record.Id))
            return;
        if (record[BatchWrites.KeyProperty] is { } key)
            Index("key", key, record);
        if (record["domain"] is { } domain)
            Index("domain", Domain(domain), record);
        foreach (var other in Additional(record))
            Index("domain", other, record);
        if (record["name"] is { } name)
            Index("name", Name(name), record);
    }

    /// <summary>The records of the best rank: none, the one, or several, among which a person must choose.</summary>
    public IReadOnlyList<CrmRecord> Best(CrmCommand.UpsertCompany wanted)
    {
        var domains = wanted.Domains.Select(Domain).ToList();
        var candidates = domains.SelectMany(domain => Of("domain", domain))
            .Concat(Of("key", wanted.Grain.ToString()))
            .Concat(Name(wanted) is { } name ? Of("name", name) : []);
        return candidates.Distinct<CrmRecord>(ReferenceEqualityComparer.Instance)
            .Select(record => (record, rank: Rank(wanted, domains, record)))
            .Where(pair => pair.rank is not null)
            .GroupBy(pair => pair.rank, pair => pair.record)
            .MinBy(group => group.Key)?.ToList() ?? [];
    }

    /// <summary>A domain as it is compared: in lower case, without <c>www.</c> and a dot at its end.</summary>
    public static string Domain(string domain)
    {
        var plain = domain.Trim().TrimEnd('.').ToLowerInvariant();
        return plain.StartsWith("www.", StringComparison.Ordinal) ? plain[4..] : plain;
    }

    /// <summary>The company's name as it is compared; null where none is known.</summary>
    public static string? Name(CrmCommand.UpsertCompany wanted) =>
        wanted.Fields.GetValueOrDefault("company_name") is FieldValue.Text name ? Name(name.Value) : null;

    private static int? Rank(CrmCommand.UpsertCompany wanted, List<string> domains, CrmRecord record)
    {
        var domain = record["domain"] is { } given ? Domain(given) : null;
        if (record[BatchWrites.KeyProperty] == wanted.Grain.ToString())
            return 0;
        if (domain is not null && domains.IndexOf(domain) is >= 0 and var index)
            return index == 0 ? 1 : 2;
        if (Additional(record).Intersect(domains).Any())
            return 3;
        return domain is not null && Name(wanted) == Name(record["name"] ?? "") && domains.Any(own => Label(own) == Label(domain))
            ? 4
            : null;
    }

    private void Index(string kind, string value, CrmRecord record)
    {
        var key = $"{kind}:{value}";
        if (!_by.TryGetValue(key, out var records))
            _by[key] = records = [];
        records.Add(record);
    }

    private List<CrmRecord> Of(string kind, string value) => _by.GetValueOrDefault($"{kind}:{value}") ?? [];

    private static IEnumerable<string> Additional(CrmRecord record) =>
        (record["hs_additional_domains"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).Select(Domain);

    private static string Name(string name) =>
        string.Join(' ', name.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Label(string domain) => domain.Split('.')[0];
}
