using CrmGrains.Sandbox.HubSpot.Answers;
using CrmGrains.Sandbox.HubSpot.Properties;

namespace CrmGrains.Sandbox.HubSpot.Records;

/// <summary>A record as calls answer it. Values are text; a property that was asked for and has no value is null.</summary>
internal sealed record RecordBody
{
    public required string Id { get; init; }
    public required IReadOnlyDictionary<string, string?> Properties { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public required bool Archived { get; init; }
    public DateTimeOffset? ArchivedAt { get; init; }
    public IReadOnlyDictionary<string, Page<AssociatedId>>? Associations { get; init; }

    /// <summary>Whether an upsert made the record; absent elsewhere.</summary>
    public bool? New { get; init; }

    public string? ObjectWriteTraceId { get; init; }

    /// <summary>A record with every property that has a value.</summary>
    public static RecordBody Whole(CrmRecord record) =>
        Of(record, record.Current, record.Current.Properties.ToDictionary(pair => pair.Key, string? (pair) => pair.Value));

    /// <summary>A version of a record with the properties asked for. Names that do not exist are passed over.</summary>
    public static RecordBody Shown(CrmRecord record, RecordVersion version, IReadOnlyList<string> asked, Schema schema)
    {
        var type = record.Key.Type;
        var names = asked.Count == 0
            ? type.DefaultProperties
            : asked.Where(name => schema.Find(type, name) is not null).Concat(type.AlwaysShown).Distinct();
        return Of(record, version, names.ToDictionary(name => name, name => version.Properties.GetValueOrDefault(name)));
    }

    private static RecordBody Of(CrmRecord record, RecordVersion version, IReadOnlyDictionary<string, string?> properties) => new()
    {
        Id = record.Id,
        Properties = properties,
        CreatedAt = record.CreatedAt,
        UpdatedAt = version.WrittenAt,
        Archived = version.ArchivedAt is not null,
        ArchivedAt = version.ArchivedAt,
    };
}

/// <param name="Type">Such as <c>contact_to_company</c>.</param>
internal sealed record AssociatedId(string Id, string Type);
