using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Runtime.Mailboxes;

namespace CrmGrains.Intake.Loop;

/// <summary>A delivery that became an event of the contract, on its way to a customer.</summary>
/// <param name="Message">The delivery's message.</param>
/// <param name="Event">The event.</param>
/// <param name="Body">The event as it is stored.</param>
/// <param name="Validation">What was checked.</param>
/// <param name="Configuration">The hash of the configuration under which it was read.</param>
/// <param name="Kept">What it is kept for.</param>
internal sealed record AcceptedEvent(
    MailboxMessage Message, ContractEvent Event, byte[] Body, Validation Validation, string Configuration, KeepRule Kept)
{
    public (string Workspace, string Key) Name => (Event.Workspace, Event.IdempotencyKey);

    /// <summary>The replay that reads it once more; null where it came by itself.</summary>
    public long? Replay { get; init; }

    /// <summary>The paths that read another way than when it was stored; only in a replay.</summary>
    public IReadOnlyList<string>? Changed { get; init; }
}
