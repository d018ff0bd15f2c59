using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CrmGrains.Tests.Contract;

/// <summary>Judges JSON by the keywords of draft 2020-12 that our documents use, as another implementation would; refuses to skip any other.</summary>
internal static class SchemaChecker
{
    public static bool IsValid(JsonNode? schema, JsonElement value) => schema switch
    {
        JsonValue flag => flag.GetValue<bool>(),
        JsonObject keywords => keywords.All(keyword => Holds(keyword.Key, keyword.Value, keywords, value)),
        _ => throw new NotSupportedException("No schema."),
    };

    private static bool Holds(string keyword, JsonNode? operand, JsonObject schema, JsonElement value) => keyword switch
    {
        "$schema" or "$id" or "title" or "description" or "format" or "then" => true,
        "type" => operand is JsonArray types ? types.Any(type => IsOf(Text(type), value)) : IsOf(Text(operand), value),
        "const" => JsonNode.DeepEquals(operand, Node(value)),
        "enum" => operand is JsonArray words && words.Any(word => JsonNode.DeepEquals(word, Node(value))),
        "pattern" => value.ValueKind != JsonValueKind.String
            || Regex.IsMatch(value.GetString() ?? "", Text(operand), RegexOptions.NonBacktracking, Regex.InfiniteMatchTimeout),
        "maxLength" => value.ValueKind != JsonValueKind.String || (value.GetString() ?? "").EnumerateRunes().Count() <= operand?.GetValue<int>(),
        "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDecimal() >= Number(operand),
        "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDecimal() <= Number(operand),
        "maxItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= operand?.GetValue<int>(),
        "maxProperties" => value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() <= operand?.GetValue<int>(),
        "items" => value.ValueKind != JsonValueKind.Array || value.EnumerateArray().All(item => IsValid(operand, item)),
        "required" => value.ValueKind != JsonValueKind.Object
            || (operand is JsonArray names && names.All(name => value.TryGetProperty(Text(name), out _))),
        "properties" => value.ValueKind != JsonValueKind.Object
            || (operand is JsonObject fields && fields.All(field => !value.TryGetProperty(field.Key, out var inner) || IsValid(field.Value, inner))),
        "anyOf" => operand is JsonArray any && any.Any(one => IsValid(one, value)),
        "allOf" => operand is JsonArray all && all.All(one => IsValid(one, value)),
        "if" => !IsValid(operand, value) || IsValid(schema["then"], value),
        _ => throw new NotSupportedException($"Nothing is known of the keyword {keyword}."),
    };

    private static bool IsOf(string type, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => type == "object",
        JsonValueKind.Array => type == "array",
        JsonValueKind.String => type == "string",
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        JsonValueKind.Null => type == "null",
        _ => type == "number" || (type == "integer" && value.TryGetDecimal(out var number) && number == decimal.Truncate(number)),
    };

    private static string Text(JsonNode? node) => node?.GetValue<string>() ?? "";

    private static decimal Number(JsonNode? node) => decimal.Parse(node?.ToJsonString() ?? "", System.Globalization.CultureInfo.InvariantCulture);

    private static JsonNode? Node(JsonElement value) => JsonNode.Parse(value.GetRawText());
}
