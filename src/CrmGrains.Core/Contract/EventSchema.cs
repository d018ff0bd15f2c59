using System.Collections.Frozen;

namespace CrmGrains.Core.Contract;

/// <summary>What an event of one type says beside the fields that all have.</summary>
/// <param name="Type">The dotted type; <c>custom.*</c> stands for all that begin so.</param>
/// <param name="Version">The version that is written; older ones are brought to it when they are read.</param>
/// <param name="About">What happened: one sentence.</param>
/// <param name="Fields">The fields of <c>data</c>. What a source sends beside them is kept.</param>
public sealed record EventSchema(string Type, int Version, string About, IReadOnlyList<FieldSchema> Fields)
{
    /// <summary>What types that the contract doesn't know begin with.</summary>
    public const string CustomPrefix = "custom.";

    /// <summary>The schema of all types that begin with <see cref="CustomPrefix"/>.</summary>
    public const string Custom = "custom.*";

    private static readonly FrozenDictionary<string, EventSchema> ByType =
        EventSchemas.All.ToFrozenDictionary(schema => schema.Type, StringComparer.Ordinal);

    private static readonly EventSchema OfCustom = ByType[Custom];

    /// <summary>The schema of a type; null where the contract has no such type.</summary>
    public static EventSchema? Find(string type) =>
        type.StartsWith(CustomPrefix, StringComparison.Ordinal)
            ? type.Length > CustomPrefix.Length ? OfCustom : null
            : ByType.GetValueOrDefault(type);
}
