using System.Text.Json;
using System.Text.Json.Serialization;
using CrmGrains.Sandbox.HubSpot.Associations;

namespace CrmGrains.Sandbox.HubSpot.Records;

/// <summary>A record to create. A trace id that no other input of the batch has allows the others to succeed without it.</summary>
internal sealed record CreateInput
{
    public required IReadOnlyDictionary<string, JsonElement> Properties { get; init; }
    public IReadOnlyList<AssociationInput>? Associations { get; init; }
    public string? ObjectWriteTraceId { get; init; }
}

/// <summary>A change to one record of a batch, which is named by its id or by a unique property.</summary>
internal sealed record WriteInput
{
    [JsonConverter(typeof(TextOrNumber))]
    public required string Id { get; init; }
    public string? IdProperty { get; init; }
    public required IReadOnlyDictionary<string, JsonElement> Properties { get; init; }
    public string? ObjectWriteTraceId { get; init; }
}

/// <summary>A change to the record that the path names.</summary>
internal sealed record PatchInput
{
    public required IReadOnlyDictionary<string, JsonElement> Properties { get; init; }
}

internal sealed record IdInput
{
    [JsonConverter(typeof(TextOrNumber))]
    public required string Id { get; init; }
}

internal sealed record BatchReadInput
{
    public required IReadOnlyList<IdInput> Inputs { get; init; }
    public IReadOnlyList<string>? Properties { get; init; }
    public string? IdProperty { get; init; }
}
