using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrmGrains.Sandbox.HubSpot.Search;

/// <summary>A search: groups of filters joined by or, filters of a group by and.</summary>
internal sealed record SearchInput
{
    public IReadOnlyList<FilterGroup>? FilterGroups { get; init; }

    /// <summary>One at most: a name, with a minus in front for descending, or an object of name and direction.</summary>
    public IReadOnlyList<JsonElement>? Sorts { get; init; }

    public string? Query { get; init; }
    public IReadOnlyList<string>? Properties { get; init; }

    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public int? Limit { get; init; }

    [JsonConverter(typeof(TextOrNumber))]
    public string? After { get; init; }
}

internal sealed record FilterGroup
{
    public required IReadOnlyList<SearchFilter> Filters { get; init; }
}

internal sealed record SearchFilter
{
    public required string PropertyName { get; init; }
    public required string Operator { get; init; }

    [JsonConverter(typeof(TextOrNumber))]
    public string? Value { get; init; }

    [JsonConverter(typeof(TextOrNumber))]
    public string? HighValue { get; init; }

    public IReadOnlyList<string>? Values { get; init; }
}
