using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>Names a record by its id or by the value of a unique property.</summary>
internal sealed record IdBody
{
    [JsonConverter(typeof(TextOrNumber))]
    public required string Id { get; init; }

    /// <summary>The page of its associations that is asked for; null for the first.</summary>
    public string? After { get; init; }
}

/// <summary>Reads up to 100 records, or the associations of up to 1,000.</summary>
internal sealed record ReadBody(IReadOnlyList<IdBody> Inputs, IReadOnlyList<string>? Properties = null, string? IdProperty = null);

/// <summary>Writes up to 100 records.</summary>
internal sealed record WriteBody(IReadOnlyList<WriteInput> Inputs);

/// <summary>One record to write.</summary>
/// <param name="ObjectWriteTraceId">Comes back with the row, and lets HubSpot take the other rows where it refuses this one.</param>
internal sealed record WriteInput(
    string ObjectWriteTraceId,
    string? Id,
    string? IdProperty,
    IReadOnlyDictionary<string, string> Properties,
    IReadOnlyList<AssociationInput>? Associations);

/// <summary>An association made together with its record.</summary>
internal sealed record AssociationInput(IdBody To, IReadOnlyList<AssociationSpec> Types);

internal sealed record AssociationSpec(string AssociationCategory, int AssociationTypeId);

/// <summary>Associates up to 2,000 pairs.</summary>
internal sealed record PairsBody(IReadOnlyList<Pair> Inputs);

internal sealed record Pair(IdBody From, IdBody To);

/// <summary>Archives up to 100 records.</summary>
internal sealed record ArchiveBody(IReadOnlyList<IdBody> Inputs);

/// <summary>Takes up to 2,000 pairs apart.</summary>
internal sealed record UnlinkBody(IReadOnlyList<UnlinkInput> Inputs);

internal sealed record UnlinkInput(IdBody From, IReadOnlyList<IdBody> To);

/// <summary>A search: groups joined by or.</summary>
internal sealed record SearchBody(
    IReadOnlyList<FilterGroup> FilterGroups, IReadOnlyList<string> Properties, int Limit, string? After);

internal sealed record FilterGroup(IReadOnlyList<Filter> Filters);

internal sealed record Filter(string PropertyName, string Operator, IReadOnlyList<string> Values);

/// <summary>What every call that is made here answers: rows, errors of rows, perhaps more pages.</summary>
internal sealed record AnswerBody
{
    public IReadOnlyList<JsonElement>? Results { get; init; }
    public int? NumErrors { get; init; }
    public IReadOnlyList<ErrorBody>? Errors { get; init; }
    public Paging? Paging { get; init; }
}

internal sealed record Paging(PagingNext? Next);

internal sealed record PagingNext
{
    [JsonConverter(typeof(TextOrNumber))]
    public string? After { get; init; }
}

/// <summary>A record as HubSpot tells it.</summary>
internal sealed record CrmRecord
{
    [JsonConverter(typeof(TextOrNumber))]
    public required string Id { get; init; }

    public IReadOnlyDictionary<string, string?> Properties { get; init; } = new Dictionary<string, string?>();

    /// <summary>Whether an upsert made it.</summary>
    public bool? New { get; init; }

    public string? ObjectWriteTraceId { get; init; }

    /// <summary>The row as it came.</summary>
    [JsonIgnore]
    public string Raw { get; init; } = "";

    /// <summary>A property's value; null where it has none.</summary>
    public string? this[string property] => Properties.GetValueOrDefault(property) is { Length: > 0 } value ? value : null;
}

/// <summary>What one record is associated with.</summary>
internal sealed record LinksRow(IdBody From, IReadOnlyList<LinkRow> To, Paging? Paging);

internal sealed record LinkRow
{
    [JsonConverter(typeof(TextOrNumber))]
    public required string ToObjectId { get; init; }
}

/// <summary>A person to whom records can belong.</summary>
internal sealed record OwnerRow
{
    [JsonConverter(typeof(TextOrNumber))]
    public required string Id { get; init; }

    public string? Email { get; init; }
    public bool Archived { get; init; }
}

/// <summary>The common shape of an error, of a call as of a row; all of it may be absent.</summary>
internal sealed record ErrorBody
{
    public string? Message { get; init; }
    public string? Category { get; init; }
    public string? SubCategory { get; init; }
    public string? ErrorType { get; init; }
    public string? PolicyName { get; init; }
    public IReadOnlyDictionary<string, JsonElement>? Context { get; init; }
    public IReadOnlyList<ErrorDetail>? Errors { get; init; }

    /// <summary>The texts under a name of the context, whether HubSpot sent one or a list.</summary>
    public IEnumerable<string> InContext(string name) => ErrorDetail.Texts(Context, name);
}

internal sealed record ErrorDetail
{
    public string? Message { get; init; }
    public string? Code { get; init; }
    public IReadOnlyDictionary<string, JsonElement>? Context { get; init; }

    public IEnumerable<string> InContext(string name) => Texts(Context, name);

    internal static IEnumerable<string> Texts(IReadOnlyDictionary<string, JsonElement>? context, string name) =>
        context is null || !context.TryGetValue(name, out var value) ? []
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(item => item.ToString())
        : [value.ToString()];
}

/// <summary>Ids are text in some answers and numbers in others.</summary>
internal sealed class TextOrNumber : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Number => reader.GetInt64().ToString(CultureInfo.InvariantCulture),
        _ => throw new JsonException($"An id can't be {reader.TokenType}."),
    };

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

/// <summary>How HubSpot's bodies are read and written: camelCase, without nulls.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReadBody))]
[JsonSerializable(typeof(WriteBody))]
[JsonSerializable(typeof(PairsBody))]
[JsonSerializable(typeof(ArchiveBody))]
[JsonSerializable(typeof(UnlinkBody))]
[JsonSerializable(typeof(SearchBody))]
[JsonSerializable(typeof(AnswerBody))]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(CrmRecord))]
[JsonSerializable(typeof(LinksRow))]
[JsonSerializable(typeof(OwnerRow))]
[JsonSerializable(typeof(Pair))]
internal sealed partial class HubSpotJson : JsonSerializerContext
{
    /// <summary>For bodies to send: letters stay as they are, so that people can read what was sent.</summary>
    public static HubSpotJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
