using System.Text.Json.Nodes;

namespace CrmGrains.Core.Contract;

/// <summary>
/// The contract as JSON Schema documents (draft 2020-12), for senders and readers outside. Every event that
/// <see cref="ContractValidator"/> accepts is valid; what a schema can't say, such as bytes and calling codes, only the validator checks.
/// </summary>
public static class JsonSchemas
{
    private const string Draft = "https://json-schema.org/draft/2020-12/schema";
    private const string InstantPattern = @"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$";

    /// <summary>An event of any type.</summary>
    public static JsonObject OfEvent()
    {
        var document = Document("event", "An event of CrmGrains' contract, of any type.", Common(), Required(""));
        document["allOf"] = new JsonArray([.. EventSchemas.All.Select(OfType)]);
        return document;
    }

    /// <summary>An event of one type; null where the contract has no such type.</summary>
    public static JsonObject? Of(string type)
    {
        if ((type == EventSchema.Custom ? EventSchema.Find($"{EventSchema.CustomPrefix}any") : EventSchema.Find(type)) is not { } schema)
            return null;
        var properties = Common();
        properties["event_type"] = TypeName(schema);
        properties["schema_version"] = new JsonObject { ["const"] = schema.Version };
        var required = Required("");
        AddData(schema, properties, required);
        return Document($"{schema.Type}:{schema.Version}", schema.About, properties, required);
    }

    private static JsonObject Document(string name, string about, JsonObject properties, JsonArray required) => new()
    {
        ["$schema"] = Draft,
        ["$id"] = $"urn:crmgrains:contract:{name}",
        ["title"] = name,
        ["description"] = about,
        ["type"] = "object",
        ["properties"] = properties,
        ["required"] = required,
    };

    // Applies to events of the type only.
    private static JsonNode OfType(EventSchema schema)
    {
        var properties = new JsonObject { ["schema_version"] = new JsonObject { ["const"] = schema.Version } };
        var required = new JsonArray();
        AddData(schema, properties, required);
        return new JsonObject
        {
            ["if"] = new JsonObject { ["properties"] = new JsonObject { ["event_type"] = TypeName(schema) } },
            ["then"] = new JsonObject { ["description"] = schema.About, ["properties"] = properties, ["required"] = required },
        };
    }

    private static JsonObject TypeName(EventSchema schema) => schema.Type == EventSchema.Custom
        ? new JsonObject { ["type"] = "string", ["pattern"] = @"^custom\.." }
        : new JsonObject { ["const"] = schema.Type };

    private static void AddData(EventSchema schema, JsonObject properties, JsonArray required)
    {
        if (schema.Type == EventSchema.Custom)
        {
            properties["data"] = new JsonObject { ["description"] = "Whatever the source says." };
            return;
        }

        var needed = schema.Fields.Where(field => field.IsRequired).Select(field => (JsonNode)field.Name).ToArray();
        if (needed.Length > 0)
            required.Add("data");
        properties["data"] = new JsonObject
        {
            ["type"] = needed.Length > 0 ? "object" : new JsonArray("object", "null"),
            ["properties"] = new JsonObject(schema.Fields.Select(field => KeyValuePair.Create(field.Name, (JsonNode?)OfField(field)))),
            ["required"] = new JsonArray(needed),
        };
    }

    private static JsonObject Common()
    {
        var properties = new JsonObject();
        foreach (var field in CommonField.All)
        {
            if (field.Group.Length == 0)
                properties[field.Schema.Name] = OfField(field.Schema);
            else if (properties[field.Group] is null)
                properties[field.Group] = OfGroup(field.Group);
        }

        return properties;
    }

    private static JsonObject OfGroup(string group) => new()
    {
        ["type"] = new JsonArray("object", "null"),
        ["properties"] = new JsonObject(CommonField.All
            .Where(field => field.Group == group)
            .Select(field => KeyValuePair.Create(field.Schema.Name, (JsonNode?)OfField(field.Schema)))),
        ["required"] = Required(group),
    };

    private static JsonArray Required(string group) =>
        [.. CommonField.All.Where(field => field.Group == group && field.Schema.IsRequired).Select(field => (JsonNode)field.Schema.Name)];

    // What isn't required may also be null or an empty text, which are as if it weren't there.
    private static JsonObject OfField(FieldSchema field)
    {
        var value = OfKind(field);
        if (field.IsRequired)
        {
            value["description"] = field.About;
            return value;
        }

        return new JsonObject { ["description"] = field.About, ["anyOf"] = new JsonArray(value, new JsonObject { ["enum"] = new JsonArray(null, "") }) };
    }

    private static JsonObject OfKind(FieldSchema field) => field.Kind switch
    {
        FieldKind.Email => Text(field, field.IsNormalized ? "^[^A-Z]+@[^A-Z]+$" : "@"),
        FieldKind.Phone => Text(field, @"^\+[1-9][0-9]{1,14}$"),
        FieldKind.Url => Text(field, @"^[hH][tT][tT][pP][sS]?://\S+$"),
        FieldKind.Instant => Text(field, InstantPattern, "date-time"),
        FieldKind.Currency => Text(field, "^[A-Z]{3}$"),
        FieldKind.Word => new JsonObject { ["enum"] = new JsonArray([.. field.Words.Select(word => (JsonNode)word)]) },
        FieldKind.Number => new JsonObject { ["type"] = "number", ["minimum"] = -FieldKinds.MaxNumber, ["maximum"] = FieldKinds.MaxNumber },
        FieldKind.Amount => new JsonObject { ["type"] = "number", ["minimum"] = 0, ["maximum"] = FieldKinds.MaxNumber },
        FieldKind.Count => new JsonObject { ["type"] = "integer", ["minimum"] = 0, ["maximum"] = FieldKinds.MaxCount },
        FieldKind.Flag => new JsonObject { ["type"] = "boolean" },
        FieldKind.Names => new JsonObject
        {
            ["type"] = "array",
            ["items"] = new JsonObject { ["type"] = "string", ["maxLength"] = field.MaxLength },
            ["maxItems"] = field.MaxItems,
        },
        FieldKind.Object => new JsonObject { ["type"] = "object", ["maxProperties"] = DataRules.MaxEntries },
        _ => field.IsRequired ? Text(field, @"\S") : Text(field),
    };

    private static JsonObject Text(FieldSchema field, string? pattern = null, string? format = null)
    {
        var text = new JsonObject { ["type"] = "string", ["maxLength"] = field.MaxLength };
        if (pattern is not null)
            text["pattern"] = pattern;
        if (format is not null)
            text["format"] = format;
        return text;
    }
}
