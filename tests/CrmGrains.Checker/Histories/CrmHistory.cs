namespace CrmGrains.Checker;

/// <summary>What the CRM holds and what it carried out, as it says itself.</summary>
public sealed record CrmHistory
{
    /// <summary>The records that are there.</summary>
    public IReadOnlyList<CrmRecord> Records { get; init; } = [];

    /// <summary>The pairs of associated records.</summary>
    public IReadOnlyList<CrmPair> Pairs { get; init; } = [];

    /// <summary>What changed which records there are, in order, the oldest first.</summary>
    public IReadOnlyList<CrmEffect> Effects { get; init; } = [];

    /// <summary>How many effects the CRM forgot, because it remembers so many only.</summary>
    public long EffectsForgotten { get; init; }
}

/// <summary>A record.</summary>
/// <param name="Type">In the singular: <c>contact</c>, <c>company</c>, <c>deal</c>, <c>note</c>, <c>task</c>.</param>
public sealed record CrmRecord(string Type, string Id, IReadOnlyDictionary<string, string> Properties)
{
    /// <summary>A property, null where the record has none of that name.</summary>
    public string? this[string name] => Properties.GetValueOrDefault(name);
}

/// <summary>A pair of associated records; types in the singular.</summary>
public sealed record CrmPair(string FromType, string FromId, string ToType, string ToId);

/// <summary>One thing that the CRM did.</summary>
/// <param name="Number">From 1, in the order in which they were done.</param>
/// <param name="Effect"><c>created</c>, <c>archived</c> or <c>associated</c>.</param>
/// <param name="Keys">Of a record that was created: by what it would be found again.</param>
public sealed record CrmEffect(
    long Number, string Effect, string Type, string Id, string? ToType, string? ToId, IReadOnlyDictionary<string, string> Keys);
