namespace CrmGrains.Core.Undo;

/// <summary>What a write found of a record of the CRM, or what it left: as far as the write changed it. Kept so that it can be taken back.</summary>
public sealed record RecordImage
{
    /// <summary>The most bytes that one may have; a write whose images are larger keeps none and can't be taken back.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>Whether the record, or the link, is there at all.</summary>
    public required bool IsThere { get; init; }

    /// <summary>What the write changed, and nothing else.</summary>
    public IReadOnlyList<FieldImage> Fields { get; init; } = [];

    /// <summary>The records that a link, a note or a task ties together or hangs on, each as <c>object:id</c>; null for other records.</summary>
    public IReadOnlyList<string>? Links { get; init; }

    /// <summary>Names a record of the CRM.</summary>
    /// <param name="crmObject">One of <see cref="Commands.CrmObject"/>.</param>
    /// <param name="id">The CRM's.</param>
    public static string Name(string crmObject, string id) => $"{crmObject}:{id}";
}

/// <summary>One field of a record.</summary>
/// <param name="Name">The contract's name; where the contract has none, the CRM's.</param>
/// <param name="Property">What the CRM calls it: one name of the contract may be several properties there.</param>
/// <param name="Value">As the CRM tells it; empty where it has none. Of what was written, a long text is only known by its hash.</param>
public sealed record FieldImage(string Name, string Property, string Value);
