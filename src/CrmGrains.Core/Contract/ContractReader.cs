using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmGrains.Core.Events;
using CrmGrains.Core.Json;

namespace CrmGrains.Core.Contract;

/// <summary>Reads events of the contract as they are stored or sent, of any version that there was.</summary>
public static class ContractReader
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>
    /// The event, in the version that is written now. False where it is none: a type that the contract doesn't have, a version newer than
    /// what is known here, or no event at all.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out ContractEvent? value, [NotNullWhen(false)] out Fault? fault)
    {
        value = null;
        try
        {
            var (type, version) = VersionOf(json);
            if (EventSchema.Find(type) is not { } schema)
                fault = new("event_type", "event_type_unknown", "It is no type of the contract that is known here: map it to one, or update this installation.");
            else if (version < 1 || version > schema.Version)
                fault = new("schema_version", "schema_version_unknown", UnknownVersion(schema, version));
            else
            {
                value = version == schema.Version
                    ? JsonSerializer.Deserialize(json, CoreJson.Default.ContractEvent)
                    : Upcast(json, schema, version).Deserialize(CoreJson.Default.ContractEvent);
                fault = value is null ? NoEvent("$") : null;
            }
        }
        catch (JsonException exception)
        {
            fault = NoEvent(exception.Path ?? "$");
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException)
        {
            // Half of a surrogate pair, and numbers that no type of ours holds.
            fault = NoEvent("$");
        }

        return fault is null;
    }

    private static string UnknownVersion(EventSchema schema, int version) => string.Create(
        CultureInfo.InvariantCulture,
        $"It is version {version} of {schema.Type}, and versions 1 to {schema.Version} are known here: update this installation.");

    private static Fault NoEvent(string path) => new(path, "not_an_event", "It is no event of the contract: hold it against the schema of its type.");

    private static JsonObject Upcast(ReadOnlySpan<byte> json, EventSchema schema, int version) =>
        Upcasters.Upcast(JsonNode.Parse(json, documentOptions: Strict) as JsonObject ?? [], schema, version);

    // Looks no further than it must: both stand near the beginning of what we write.
    private static (string Type, int Version) VersionOf(ReadOnlySpan<byte> json)
    {
        string? type = null;
        int? version = null;
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return ("", 0);
        while ((type is null || version is null) && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("event_type"u8);
            var isVersion = reader.ValueTextEquals("schema_version"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
                type = reader.GetString();
            else if (isVersion)
                version = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) ? number : 0;
            reader.Skip();
        }

        // Events were stored with their version from the first day on; one that is sent without it is of the first.
        return (type ?? "", version ?? 1);
    }
}
