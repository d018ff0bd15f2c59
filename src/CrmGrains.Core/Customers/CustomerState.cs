using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Sequences;

namespace CrmGrains.Core.Customers;

/// <summary>What is known of one customer.</summary>
public sealed record CustomerState
{
    /// <summary>What sources said, newest word each; also to customers who were merged into this one.</summary>
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

    /// <summary>True where a person had something of the contact taken back: it is written whole with the next event. Else null.</summary>
    public bool? IsContactTakenBack { get; init; }

    /// <summary>The CRM's id of the contact, once known.</summary>
    public string? ContactId { get; init; }

    /// <summary>Events taken in. One that comes again isn't counted as long as some field still has its word.</summary>
    public long Events { get; init; }

    /// <summary>Companies that were named before there was a contact to link them to, by grain key.</summary>
    public IReadOnlyDictionary<string, CompanyMention>? Mentioned { get; init; }

    /// <summary>Notes and tasks that wait for the customer's first address, without which there is no contact to put them on.</summary>
    public IReadOnlyList<WaitingCommand>? Waiting { get; init; }

    /// <summary>Questions to people that aren't answered yet: the round that each is in, by key. What they propose is in the review items.</summary>
    public IReadOnlyDictionary<string, int>? Proposals { get; init; }

    /// <summary>The keys of proposals that were answered, the newest last, up to a bound: a replay asks nobody again.</summary>
    public IReadOnlyList<string>? Answered { get; init; }

    /// <summary>Sequences that run, by sequence and matter.</summary>
    public IReadOnlyDictionary<string, RunningSequence>? Sequences { get; init; }

    /// <summary>When what stops a sequence happened last, by sequence and matter: what began it before and comes later doesn't begin it.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset>? SequencesStopped { get; init; }

    /// <summary>UTC, in order; when the customer was written to in the last seven days.</summary>
    public IReadOnlyList<DateTimeOffset>? WrittenAt { get; init; }

    /// <summary>Deals that came with a merge: the key of the customer whose deal grain it is, by pipeline.</summary>
    public IReadOnlyDictionary<string, string>? Deals { get; init; }

    /// <summary>Where the customer went; null: it stands for itself.</summary>
    public StandingMerge? MergedInto { get; init; }

    /// <summary>What is this customer's without those who were merged into it; null where there are none.</summary>
    public CustomerShare? Own { get; init; }

    /// <summary>Those who were merged into this one, in the order of their keys.</summary>
    public IReadOnlyList<AbsorbedCustomer>? Absorbed { get; init; }

    /// <summary>The grain of the customer's deal in a pipeline.</summary>
    /// <param name="customer">This one.</param>
    /// <param name="pipeline">The workspace's name.</param>
    public GrainId DealOf(GrainId customer, string pipeline) =>
        GrainId.Of(customer.Workspace, GrainKind.Deal, $"{Deals?.GetValueOrDefault(pipeline) ?? customer.Key}/{pipeline}");
}

/// <summary>A company as the customer named it.</summary>
/// <param name="Name">The newest one said; null where only its domain was.</param>
/// <param name="Mark">Of whoever said it.</param>
public sealed record CompanyMention(string? Name, Watermark Mark);

/// <summary>A command that waits, with the event and the step that it is done once for.</summary>
public sealed record WaitingCommand(Guid EventId, int Step, Commands.CrmCommand Command);

/// <summary>A merge that isn't undone.</summary>
/// <param name="Merge">By which it can be undone.</param>
/// <param name="Into">Who stays.</param>
public sealed record StandingMerge(Guid Merge, GrainId Into);

/// <summary>A customer who was merged into another one.</summary>
/// <param name="Merge">By which it can be undone.</param>
/// <param name="From">The key of its grain.</param>
/// <param name="Share">What it brought.</param>
public sealed record AbsorbedCustomer(Guid Merge, string From, CustomerShare Share);
