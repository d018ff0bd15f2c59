using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Json;
using CrmGrains.Intake.Identity;
using CrmGrains.Intake.Replays;
using CrmGrains.Intake.Sources;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Turns;

namespace CrmGrains.Intake.Loop;

/// <summary>An event of the contract, as it comes out of its delivery.</summary>
/// <param name="Evidence">What it says about who it is about.</param>
/// <param name="Kept">What it is kept for.</param>
/// <param name="Split">The delivery's other events; null where it is the only one.</param>
internal sealed record Accepted(
    MailboxMessage Message,
    ContractEvent Event,
    byte[] Body,
    Validation Validation,
    WorkspaceConfiguration Workspace,
    IReadOnlyList<Evidence> Evidence,
    KeepRule Kept,
    Split? Split = null)
{
    /// <summary>The hash of the configuration that it was read by.</summary>
    public string Configuration => Workspace.Hash;

    /// <summary>What two tellings of one event have in common.</summary>
    public (string Workspace, string Key) Name => (Event.Workspace, Event.IdempotencyKey);

    /// <summary>The replay that reads it once more; null where it came by itself.</summary>
    public long? Replay { get; init; }

    /// <summary>The paths that read another way than when it was stored; only in a replay.</summary>
    public IReadOnlyList<string>? Changed { get; init; }

    public static Accepted Of(
        MailboxMessage message, Normalized.Event normalized, SourceConfiguration source, WorkspaceConfiguration workspace, Split? split = null) => new(
        message, normalized.Value, JsonSerializer.SerializeToUtf8Bytes(normalized.Value, CoreJson.Default.ContractEvent), normalized.Validation,
        workspace, Identity.Evidence.Of(normalized.Value, workspace.Identity), KeepRules.Of(source, normalized.Value), split)
    {
        Replay = ReplayedDelivery.Of(message),
    };
}

/// <summary>What a delivery turned out to be.</summary>
/// <param name="Turn">Its entry in the queue's own chain, where that is all.</param>
/// <param name="Events">Those that go on their way.</param>
/// <param name="Split">Where it told of several events.</param>
internal readonly record struct Judged(TurnResult? Turn, IReadOnlyList<Accepted> Events, Split? Split = null)
{
    public static Judged As(TurnResult turn) => new(turn, []);

    /// <summary>What is to be fetched, where the delivery is a call to do so.</summary>
    public Normalized.Ping? Ping { get; init; }
}
