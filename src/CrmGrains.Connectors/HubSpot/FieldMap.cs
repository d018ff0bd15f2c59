using CrmGrains.Core.Configuration;
using CrmGrains.Core.Fields;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>
/// Turns contract names into HubSpot's properties, by the account's field map. A map may name several properties for one text, such as
/// <c>full_name: firstname lastname</c>: the text is cut at its first spaces, and the last property takes the rest. What isn't named
/// isn't written; a part that isn't there is left as it is.
/// </summary>
internal sealed class FieldMap(CrmAccountConfiguration account, string commandObject)
{
    private const StringSplitOptions Trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    private readonly IReadOnlyDictionary<string, string> _names =
        account.Fields.GetValueOrDefault(commandObject) ?? new Dictionary<string, string>();

    /// <summary>Every property that the map names.</summary>
    public IEnumerable<string> Targets => _names.Values.SelectMany(mapped => mapped.Split(' ', Trimmed)).Distinct();

    /// <summary>What the contract calls a property; the property's own name where no field of the contract is meant.</summary>
    public string NameOf(string property) => property switch
    {
        BatchWrites.EffectProperty => "effect",
        BatchWrites.KeyProperty => "key",
        _ => _names.FirstOrDefault(pair => pair.Value.Split(' ', Trimmed).Contains(property, StringComparer.Ordinal)).Key ?? property,
    };

    /// <summary>The properties that say what the fields say.</summary>
    public Dictionary<string, string> Properties(IReadOnlyDictionary<string, FieldValue> fields)
    {
        var properties = new Dictionary<string, string>();
        foreach (var (name, value) in fields)
        {
            if (!_names.TryGetValue(name, out var mapped))
                continue;
            var targets = mapped.Split(' ', Trimmed);
            string[] parts = targets.Length == 1 ? [Text(value)] : Text(value).Split(' ', targets.Length, Trimmed);
            foreach (var (target, part) in targets.Zip(parts))
                properties[target] = part;
        }

        return properties;
    }

    /// <summary>A value as HubSpot takes it: internal option names joined by semicolons, flags as words, numbers with a point.</summary>
    private static string Text(FieldValue value) => value switch
    {
        FieldValue.Many many => string.Join(';', many.Values.Where(item => item.Length > 0)),
        _ => value.ToString(),
    };
}
