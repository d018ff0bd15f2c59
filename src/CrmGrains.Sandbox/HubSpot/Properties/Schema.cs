namespace CrmGrains.Sandbox.HubSpot.Properties;

/// <summary>The properties of each type of record. Guarded by the account's gate.</summary>
internal sealed class Schema(Revision revision)
{
    private readonly Dictionary<ObjectType, Dictionary<string, PropertyDefinition>> _properties = [];

    public IReadOnlyDictionary<string, PropertyDefinition> Of(ObjectType type) => _properties[type];

    public PropertyDefinition? Find(ObjectType type, string name) => _properties[type].GetValueOrDefault(name);

    /// <summary>The properties of a type that are not of the seed.</summary>
    public IEnumerable<PropertyDefinition> AddedTo(ObjectType type) =>
        _properties[type].Values.ExceptBy(SeedProperties.Of(type).Select(property => property.Name), property => property.Name);

    public void Add(ObjectType type, PropertyDefinition property)
    {
        _properties[type].Add(property.Name, property);
        revision.Advance();
    }

    /// <summary>Whether no two records may share a value. Contacts' email is unique without saying so.</summary>
    public static bool IsUnique(ObjectType type, PropertyDefinition property) =>
        property.HasUniqueValue || (type == ObjectType.Contacts && property.Name == "email");

    public void Reset(DateTimeOffset now)
    {
        revision.Advance();
        foreach (var type in ObjectType.All)
            _properties[type] = SeedProperties.Of(type)
                .Select(property => property with { CreatedAt = now, UpdatedAt = now })
                .ToDictionary(property => property.Name);
    }
}
