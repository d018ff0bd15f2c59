using CrmGrains.Core.Configuration;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads <c>objects</c>, and holds what the CRM is told against it.</summary>
internal static class ObjectReader
{
    public static ObjectMap Read(Value? value)
    {
        if (value is null)
            return new ObjectMap();
        var section = value.Section([], ObjectMap.Known);
        var (objects, owners) = (new Dictionary<string, MappedObject>(), new Dictionary<string, string>());
        foreach (var name in ObjectMap.Known)
        {
            if (section[name] is { } each)
                objects[name] = Object(name, each, section, owners);
        }

        return new ObjectMap { Objects = objects };
    }

    /// <summary>Warns of fields that are written to an object which doesn't own what they are about: two places will differ one day.</summary>
    public static void Compare(ObjectMap map, Value? crm)
    {
        var fields = crm?.Entries()?.FirstOrDefault(entry => entry.Key == "fields")?.Value;
        foreach (var (target, _, mapped) in fields?.Entries() ?? [])
        {
            foreach (var (field, key, _) in mapped.Entries() ?? [])
            {
                if (ObjectMap.MatterOf(field) is { } matter && map.OwnerOf(matter) is { } owner && owner != target)
                    key.Warn($"The {owner} owns {matter}, and `{Value.Clipped(field)}` is written to the {Value.Clipped(target)}. Write it to its owner, or change `objects`.");
            }
        }
    }

    private static MappedObject Object(string name, Value value, Section all, Dictionary<string, string> owners)
    {
        var section = value.Section([], ["with", "owns"]);
        var with = section["with"]?.Distinct(item => item.OneOf(ObjectMap.Known, "the object")) ?? [];
        foreach (var other in with)
        {
            if (other == name)
                section["with"]?.Fault($"The {name} can't be linked to itself here. Take it out.");
            else if (all[other] is null)
                section["with"]?.Fault($"The object `{other}` isn't in the map. Add it, or take it out here.");
        }

        var owns = section["owns"]?.Distinct(item => item.OneOf(ObjectMap.Matters, "what it owns")) ?? [];
        foreach (var matter in owns)
        {
            if (!owners.TryAdd(matter, name))
                section["owns"]?.Fault($"`{matter}` has one owner, and the {owners[matter]} is it already. Take it out of one of the two.");
        }

        return new MappedObject(with, owns);
    }
}
