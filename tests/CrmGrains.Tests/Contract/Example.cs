using System.Text.Json;
using System.Text.Json.Nodes;
using CrmGrains.Core.Contract;
using CrmGrains.Core.Events;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Contract;

/// <summary>Valid events of every type, with every field.</summary>
internal static class Example
{
    public static ContractEvent Of(string type)
    {
        var schema = EventSchemas.All.Single(schema => schema.Type == type);
        var data = new JsonObject(schema.Fields.Select(field => KeyValuePair.Create(field.Name, ValueOf(field))));
        return A.Lead with
        {
            EventType = type == EventSchema.Custom ? "custom.example" : type,
            Data = JsonElement.Parse(data.ToJsonString()),
        };
    }

    public static ContractEvent With(ContractEvent value, string field, JsonNode? node)
    {
        var data = JsonNode.Parse(value.Data?.GetRawText() ?? "{}")?.AsObject() ?? [];
        data[field] = node?.DeepClone();
        return value with { Data = JsonElement.Parse(data.ToJsonString()) };
    }

    /// <summary>JSON of any kind, often nearly what some field wants.</summary>
    public static Gen<JsonNode?> Json => Gen.OneOf(
        Gen.Elements<JsonNode?>(
            null, "", " ", "x", "a@b.co", "+15551234567", "https://example.com", "2026-04-26T18:11:42Z", "2026-04-26T18:11:42+25:00", "EUR",
            "inbound", "merged", "a\nb", "\u0000", true, false, 0, -1, 1.5, 1e300, 9e15, long.MaxValue),
        ArbMap.Default.GeneratorFor<string>().Select(text => (JsonNode?)Whole(text)),
        ArbMap.Default.GeneratorFor<string[]>().Select(texts => (JsonNode?)new JsonArray([.. texts.Select(text => (JsonNode?)Whole(text))])),
        ArbMap.Default.GeneratorFor<int>().Select(number => (JsonNode?)number),
        Gen.Constant((JsonNode?)null).Select(_ => (JsonNode?)new JsonObject { ["a"] = 1 }));

    // JSON text can't hold half a character.
    private static string Whole(string? text) => string.Concat((text ?? "").Where(letter => !char.IsSurrogate(letter)));

    private static JsonNode? ValueOf(FieldSchema field) => field.Kind switch
    {
        FieldKind.Email => "Ann+news@example.com",
        FieldKind.Phone => "+15551234567",
        FieldKind.Url => "https://example.com/a?b=1",
        FieldKind.Instant => "2026-04-26T18:11:42.903Z",
        FieldKind.Number => -2.5,
        FieldKind.Count => 12,
        FieldKind.Amount => 99.5,
        FieldKind.Currency => "EUR",
        FieldKind.Flag => true,
        FieldKind.Names => new JsonArray("one", "two"),
        FieldKind.Word => field.Words[0],
        FieldKind.Object => new JsonObject { ["size"] = new JsonArray("s", "m") },
        FieldKind.Lines => "One.\nTwo.",
        _ => "x1",
    };
}
