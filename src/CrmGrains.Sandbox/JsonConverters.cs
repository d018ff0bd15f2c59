using System.Text.Json;
using System.Text.Json.Serialization;
using CrmGrains.Sandbox.HubSpot.Properties;

namespace CrmGrains.Sandbox;

/// <summary>Reads an id that callers send as text or as a number; writes text.</summary>
internal sealed class TextOrNumber : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Number when reader.TryGetInt64(out var number) => number.ToString(),
        _ => throw new JsonException("An id must be text or a whole number."),
    };

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

/// <summary>Writes instants as HubSpot does, in UTC with milliseconds and a Z.</summary>
internal sealed class HubSpotInstant : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(PropertyRules.Format(value));
}
