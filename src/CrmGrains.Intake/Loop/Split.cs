using System.Buffers.Binary;
using System.Security.Cryptography;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;
using CrmGrains.Intake.Replays;
using CrmGrains.Intake.Sources;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Turns;

namespace CrmGrains.Intake.Loop;

/// <summary>
/// A delivery that tells of several events. Each has an id and a fate of its own; the delivery has one entry in the queue's chain, which
/// says what became of each.
/// </summary>
internal sealed class Split
{
    private readonly MailboxMessage _message;
    private readonly string _configuration;
    private readonly SplitPart[] _parts;
    private readonly List<Effect> _effects = [];

    private Split(MailboxMessage message, string configuration, int parts) =>
        (_message, _configuration, _parts) = (message, configuration, new SplitPart[parts]);

    /// <summary>The events of a delivery that go on, with the split that they share.</summary>
    public static Judged Of(MailboxMessage message, IReadOnlyList<Normalized> events, SourceConfiguration source, WorkspaceConfiguration workspace)
    {
        var split = new Split(message, workspace.Hash, events.Count);
        var accepted = new List<Accepted>(events.Count);
        for (var i = 0; i < events.Count; i++)
        {
            var id = PartId(message.EventId ?? default, i);
            switch (events[i])
            {
                case Normalized.Event normalized:
                    var one = Accepted.Of(message, normalized with { Value = normalized.Value with { EventId = id } }, source, workspace, split);
                    split._parts[i] = one.Kept.As == KeepAs.Context
                        ? new SplitPart(id, "context", new IntakeDetail { Reason = one.Kept.Reason })
                        : new SplitPart(id, "accepted");
                    accepted.Add(one);
                    break;
                case Normalized.Rejected rejected:
                    var codes = IntakeTurns.CodesOf(rejected.Validation);
                    split._parts[i] = new SplitPart(id, "rejected", new IntakeDetail { Reason = codes, Validation = rejected.Validation });
                    split._effects.Add(IntakeTurns.InvalidPayload(id, codes));
                    break;
                case Normalized.Ignored ignored:
                    split._parts[i] = new SplitPart(id, "ignored", new IntakeDetail { Reason = ignored.Reason });
                    break;
            }
        }

        return new Judged(null, accepted, split);
    }

    /// <summary>Says of an event that it doesn't reach a customer.</summary>
    public void End(Accepted one, string outcome, IntakeDetail detail, IEnumerable<Effect> effects)
    {
        var place = Array.FindIndex(_parts, part => part.EventId == one.Event.EventId);
        _parts[place] = new SplitPart(one.Event.EventId, outcome, detail);
        _effects.AddRange(effects);
    }

    /// <summary>Whether nothing of the delivery is kept.</summary>
    public bool IsDropped => Array.TrueForAll(_parts, part => part.Outcome == Selection.Dropped);

    /// <summary>The delivery's entry.</summary>
    public TurnResult ToTurn()
    {
        if (_message.Kind == ReplayedDelivery.Kind)
            _effects.AddRange(_parts.Where(part => !IntakeTurns.IsQuestion(part.Outcome)).Select(part => IntakeTurns.Settled(part.EventId)));
        return IntakeTurns.Turn(
            _message, "split", _configuration, new IntakeDetail { Reason = $"It tells of {_parts.Length} events.", Parts = _parts }, [.. _effects]);
    }

    /// <summary>The id of an event in a delivery: the same whenever it is derived, and as old as the delivery's.</summary>
    internal static Guid PartId(Guid delivery, int place)
    {
        Span<byte> id = stackalloc byte[16];
        Span<byte> named = stackalloc byte[20];
        delivery.TryWriteBytes(named, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(named[16..], place);
        SHA256.HashData(named)[..16].CopyTo(id);
        named[..6].CopyTo(id);
        id[6] = (byte)(0x70 | (id[6] & 0x0F));
        id[8] = (byte)(0x80 | (id[8] & 0x3F));
        return new Guid(id, bigEndian: true);
    }
}

/// <summary>What became of one event of a delivery.</summary>
/// <param name="EventId">Its own id; its trace has the rest.</param>
/// <param name="Outcome">
/// <c>accepted</c>, <c>context</c>, <c>kept_raw</c>, <c>dropped</c>, <c>rejected</c>, <c>ignored</c>, <c>noted</c>, <c>duplicate</c>, <c>review</c> or <c>replayed</c>.
/// </param>
/// <param name="Detail">Why, where it wasn't accepted.</param>
internal sealed record SplitPart(Guid EventId, string Outcome, IntakeDetail? Detail = null);
