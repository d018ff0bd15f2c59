namespace CrmGrains.Sandbox.HubSpot.Properties;

/// <summary>A property as HubSpot describes it.</summary>
internal sealed record PropertyDefinition
{
    public required string Name { get; init; }
    public required string Label { get; init; }

    /// <summary><c>string</c>, <c>number</c>, <c>date</c>, <c>datetime</c>, <c>enumeration</c> or <c>bool</c>.</summary>
    public required string Type { get; init; }

    /// <summary>How it is edited; <c>checkbox</c> makes an enumeration take several values.</summary>
    public required string FieldType { get; init; }

    public string GroupName { get; init; } = "information";
    public string Description { get; init; } = "";
    public IReadOnlyList<PropertyOption> Options { get; init; } = [];
    public bool HasUniqueValue { get; init; }
    public bool HubspotDefined { get; init; }
    public bool Calculated { get; init; }
    public bool ExternalOptions { get; init; }
    public bool Hidden { get; init; }
    public bool FormField { get; init; }
    public int DisplayOrder { get; init; } = -1;
    public bool Archived { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
    public PropertyModification ModificationMetadata { get; init; } = new(Archivable: true);
}

/// <param name="Value">The internal name, which writes must use.</param>
/// <param name="Label">What people see.</param>
internal sealed record PropertyOption(string Value, string Label, int DisplayOrder = -1, bool Hidden = false);

internal sealed record PropertyModification(
    bool Archivable = false, bool ReadOnlyDefinition = false, bool ReadOnlyValue = false);
