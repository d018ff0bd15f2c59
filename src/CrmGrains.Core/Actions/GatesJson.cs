using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrmGrains.Core.Actions;

/// <summary>
/// How the gates' answers are stored in the ledger: <c>{"trusted":"its signature was verified","low_risk":{"no":"high"},…}</c>, by name, in order, those that don't
/// pass as <c>no</c>. As an array of <see cref="GateTrace"/>s, which older entries have and which is read too, they were a third of a turn's ledger entry.
/// </summary>
public sealed class GatesJson : JsonConverter<IReadOnlyList<GateTrace>>
{
    private const string Refusal = "no";

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<GateTrace> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var gate in value)
        {
            if (gate.Passes)
            {
                writer.WriteString(gate.Name, gate.Why);
                continue;
            }

            writer.WriteStartObject(gate.Name);
            writer.WriteString(Refusal, gate.Why);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<GateTrace> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var gates = JsonDocument.ParseValue(ref reader);
        return gates.RootElement.ValueKind switch
        {
            JsonValueKind.Object => [.. gates.RootElement.EnumerateObject().Select(gate => gate.Value.ValueKind == JsonValueKind.String
                ? new GateTrace(gate.Name, true, TextOf(gate.Value))
                : new GateTrace(gate.Name, false, TextOf(gate.Value.GetProperty(Refusal))))],
            JsonValueKind.Array => [.. gates.RootElement.EnumerateArray().Select(gate => new GateTrace(
                TextOf(gate.GetProperty("name")), gate.GetProperty("passes").GetBoolean(), TextOf(gate.GetProperty("why"))))],
            var other => throw new JsonException($"Gates are an object or an array, not {other}."),
        };
    }

    private static string TextOf(JsonElement value) => value.GetString() ?? "";
}
