using CrmGrains.Core.Fields;

namespace CrmGrains.Core.Customers;

/// <summary>What is known of one customer.</summary>
public sealed record CustomerState
{
    /// <summary>What sources said, newest word each.</summary>
    public IReadOnlyDictionary<string, Field> Fields { get; init; } = FieldSet.Empty;

    /// <summary>Every address that the customer was seen with, in alphabetical order.</summary>
    public IReadOnlyList<string> Emails { get; init; } = [];

    /// <summary>The companies that the contact was linked to, by grain key.</summary>
    public IReadOnlyList<string> Companies { get; init; } = [];

    /// <summary>The pipelines in which deals were asked for, by the workspace's names.</summary>
    public IReadOnlyList<string> Pipelines { get; init; } = [];

    /// <summary>Tasks of which there is one for a customer, ever, and that were asked for.</summary>
    public IReadOnlyList<string> Tasks { get; init; } = [];

    /// <summary>Whether writing the contact was asked for already.</summary>
    public bool IsContactWanted { get; init; }

    /// <summary>The CRM's id of the contact, once known.</summary>
    public string? ContactId { get; init; }

    /// <summary>Events taken in.</summary>
    public long Events { get; init; }
}
