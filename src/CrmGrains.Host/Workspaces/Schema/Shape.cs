using System.Text.Json.Nodes;

namespace CrmGrains.Host.Configuration.Schema;

/// <summary>What a value of a workspace file looks like, for the schema that editors read. A closed set.</summary>
internal abstract record Shape
{
    private Shape() { }

    /// <summary>A text; <paramref name="About"/> says which.</summary>
    public sealed record Text(string About = "", string? Pattern = null) : Shape;

    /// <summary>One of these words.</summary>
    public sealed record Choice(IReadOnlyList<string> Words) : Shape;

    /// <summary>A whole number.</summary>
    public sealed record Whole(int Least, int Most) : Shape;

    /// <summary>A number.</summary>
    public sealed record Number(decimal Least, decimal Most) : Shape;

    /// <summary>True or false.</summary>
    public sealed record Flag : Shape;

    /// <summary>A scalar of any kind.</summary>
    public sealed record Scalar : Shape;

    /// <summary>A list, each item of one shape.</summary>
    public sealed record ListOf(Shape Item) : Shape;

    /// <summary>Keys of the file's own, each value of one shape.</summary>
    public sealed record MapOf(Shape Value) : Shape;

    /// <summary>Keys that we give.</summary>
    public sealed record Keys(IReadOnlyDictionary<string, Shape> Required, IReadOnlyDictionary<string, Shape> Optional) : Shape;

    /// <summary>Either of several.</summary>
    public sealed record Either(IReadOnlyList<Shape> Shapes) : Shape;

    /// <summary>One that is described once, by its name in <see cref="WorkspaceSchema.Definitions"/>; so that it may contain itself.</summary>
    public sealed record Defined(string Name) : Shape;

    /// <summary>As JSON Schema, draft 2020-12.</summary>
    public JsonObject ToJson() => this switch
    {
        Text { Pattern: { } pattern } text => Described(new() { ["type"] = "string", ["pattern"] = pattern }, text.About),
        Text text => Described(new() { ["type"] = "string", ["minLength"] = 1 }, text.About),
        Choice choice => new() { ["enum"] = new JsonArray([.. choice.Words.Select(word => JsonValue.Create(word))]) },
        Whole whole => new() { ["type"] = "integer", ["minimum"] = whole.Least, ["maximum"] = whole.Most },
        Number number => new() { ["type"] = "number", ["minimum"] = number.Least, ["maximum"] = number.Most },
        Flag => new() { ["type"] = "boolean" },
        Scalar => new() { ["type"] = new JsonArray("string", "number", "boolean") },
        ListOf list => new() { ["type"] = "array", ["items"] = list.Item.ToJson() },
        MapOf map => new() { ["type"] = "object", ["additionalProperties"] = map.Value.ToJson() },
        Keys keys => KeysToJson(keys),
        Either either => new() { ["anyOf"] = new JsonArray([.. either.Shapes.Select(shape => shape.ToJson())]) },
        Defined defined => new() { ["$ref"] = $"#/$defs/{defined.Name}" },
        _ => throw new System.Diagnostics.UnreachableException($"There is no schema of {GetType().Name}."),
    };

    private static JsonObject KeysToJson(Keys keys)
    {
        var json = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(keys.Required.Concat(keys.Optional).Select(key => KeyValuePair.Create<string, JsonNode?>(key.Key, key.Value.ToJson()))),
            ["additionalProperties"] = false,
        };
        if (keys.Required.Count > 0)
            json["required"] = new JsonArray([.. keys.Required.Keys.Select(key => JsonValue.Create(key))]);
        return json;
    }

    private static JsonObject Described(JsonObject json, string about)
    {
        if (about.Length > 0)
            json["description"] = about;
        return json;
    }
}
