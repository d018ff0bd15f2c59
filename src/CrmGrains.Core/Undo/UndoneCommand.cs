using CrmGrains.Core.Commands;

namespace CrmGrains.Core.Undo;

/// <summary>A command that is to be taken back, with all that is needed for it: the command's own row may be purged by then.</summary>
public sealed record UndoneCommand
{
    /// <summary>The command's id.</summary>
    public required long Id { get; init; }

    /// <summary>Its effect key.</summary>
    public required string EffectKey { get; init; }

    /// <summary>Which kind of record it wrote: one of <see cref="CrmObject"/>.</summary>
    public required string Object { get; init; }

    /// <summary>The CRM's id of the record; null for a link.</summary>
    public string? CrmId { get; init; }

    /// <summary>Of a link: what was linked to.</summary>
    public RecordRef? LinkedTo { get; init; }

    /// <summary>Of a task: its name in the workspace's configuration.</summary>
    public string? Task { get; init; }

    /// <summary>What was there before.</summary>
    public required RecordImage Before { get; init; }

    /// <summary>What was written.</summary>
    public required RecordImage After { get; init; }

    /// <summary>Records that may be tied to it still when it goes, since they or their ties go with it; each as <c>object:id</c>.</summary>
    public IReadOnlyList<string> GoingToo { get; init; } = [];

    /// <summary>Whether the command made the record, or the link.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool MadeIt => !Before.IsThere;
}
