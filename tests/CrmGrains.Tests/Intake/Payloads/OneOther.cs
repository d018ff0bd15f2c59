using System.Text;
using System.Text.Json.Nodes;

namespace CrmGrains.Tests.Intake.Payloads;

/// <summary>A good body as often as it has values, each time with one of them replaced by what senders put there instead.</summary>
internal static class OneOther
{
    private static readonly string?[] Others = [null, "\"\"", "\" \"", "\"x\"", "0", "-1", "1e30", "true", "[]", "{}", "[{}]"];

    public static IEnumerable<byte[]> Of(byte[] json)
    {
        var count = Values(JsonNode.Parse(json)).Count();
        for (var at = 0; at < count; at++)
        {
            foreach (var other in Others)
            {
                var root = JsonNode.Parse(json);
                Replace(Values(root).ElementAt(at), other is null ? null : JsonNode.Parse(other));
                yield return Encoding.UTF8.GetBytes(root!.ToJsonString());
            }
        }
    }

    private static void Replace((JsonNode Parent, string? Name, int Index) place, JsonNode? other)
    {
        if (place.Name is { } name)
            place.Parent[name] = other;
        else
            place.Parent[place.Index] = other;
    }

    private static IEnumerable<(JsonNode Parent, string? Name, int Index)> Values(JsonNode? node) => node switch
    {
        JsonObject fields => fields.ToList().SelectMany(field => Values(field.Value).Prepend((fields, field.Key, 0))),
        JsonArray items => items.ToList().SelectMany((item, index) => Values(item).Prepend((items, null, index))),
        _ => [],
    };
}
