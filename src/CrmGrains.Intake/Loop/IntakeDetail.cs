using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;
using CrmGrains.Intake.Identity;
using CrmGrains.Intake.Inbox;

namespace CrmGrains.Intake.Loop;

/// <summary>What the ledger keeps of a delivery that didn't become an event of a customer.</summary>
internal sealed record IntakeDetail
{
    public string? Reason { get; init; }

    public Validation? Validation { get; init; }

    public IdentityMatch? Match { get; init; }

    /// <summary>The event that told the same before.</summary>
    public Guid? DuplicateOf { get; init; }

    /// <summary>The customers between whom the event can't be decided, by grain key.</summary>
    public IReadOnlyList<string>? Candidates { get; init; }

    /// <summary>How they would be merged.</summary>
    public MergeProposal? Proposal { get; init; }

    public ConflictedDelivery? Conflict { get; init; }

    /// <summary>The replay that read the delivery once more.</summary>
    public long? Replay { get; init; }

    /// <summary>The paths that read another way than before; only in a replay of an event.</summary>
    public IReadOnlyList<string>? Changed { get; init; }

    /// <summary>How often replays have changed the event by now.</summary>
    public int? Revision { get; init; }

    /// <summary>What became of each event, where the delivery told of several.</summary>
    public IReadOnlyList<SplitPart>? Parts { get; init; }
}
