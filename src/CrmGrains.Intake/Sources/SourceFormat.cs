using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// How one vendor, or one kind of system, sends: what its deliveries prove and are called, and how their payloads become events of the
/// contract. One file each. Pure: the same delivery and configuration give the same events. Never throws, whatever the body is.
/// </summary>
public abstract class SourceFormat
{
    // A delivery of more is refused whole: half of it handled would be worse than none.
    private const int MostEvents = 1_000;

    private protected SourceFormat() { }

    /// <summary>The name in the configuration.</summary>
    public abstract string Name { get; }

    /// <summary>The signature scheme that its sender uses, where the configuration names no other.</summary>
    public abstract string Scheme { get; }

    /// <summary>The contract's types that it makes; empty where the configuration decides.</summary>
    public abstract IReadOnlyList<string> EventTypes { get; }

    /// <summary>What of a source's configuration it reads, besides what all read.</summary>
    public virtual FormatWords Words => FormatWords.None;

    /// <summary>What bodies it can read.</summary>
    public virtual BodyKind Body => BodyKind.Json;

    /// <summary>
    /// Whether deliveries are told apart without further configuration: by <see cref="DeliveryId"/>, or by the body where its sender repeats
    /// that unchanged.
    /// </summary>
    public virtual bool HasDeliveryId => false;

    /// <summary>Whether its payloads can't be understood without the delivery's headers.</summary>
    public virtual bool ReadsHeaders => false;

    /// <summary>The id that the format has for a delivery, the same for each attempt at it; null where it has none.</summary>
    public virtual string? DeliveryId(SignedRequest request) => null;

    /// <summary>What a delivery means: the events that it tells of, in order, each accepted, rejected or ignored by itself.</summary>
    internal IReadOnlyList<Normalized> Normalize(RawDelivery delivery, SourceConfiguration source, WorkspaceConfiguration workspace)
    {
        if (!TryParse(delivery, out var document, out var fault))
            return [new Normalized.Rejected(fault)];
        using (document)
        {
            var events = new List<Normalized>(1);
            foreach (var one in Read(new Reading(document.RootElement, delivery, source, workspace)))
            {
                if (events.Count == MostEvents)
                    return [new Normalized.Rejected(new Fault("$", "too_many_events", $"It tells of more than {MostEvents} events: send fewer at once."))];
                events.Add(ContractCheck.Of(one));
            }

            return events.Count == 0 ? [new Normalized.Ignored("It tells of no event.")] : events;
        }
    }

    /// <summary>The payload as JSON; whatever it was.</summary>
    private protected virtual bool TryParse(
        RawDelivery delivery,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out JsonDocument? document,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out Fault? fault)
    {
        if (!delivery.TryTake(out document, out fault))
            return false;
        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return true;
        document.Dispose();
        (document, fault) = (null, new Fault("$", "not_an_object", "The body is no JSON object: send one event as an object."));
        return false;
    }

    private protected abstract IEnumerable<Normalized> Read(Reading reading);
}

/// <summary>What of a source's configuration a format may read.</summary>
[Flags]
public enum FormatWords
{
    /// <summary>Nothing more.</summary>
    None = 0,

    /// <summary><c>event_type</c>: the type of all its events.</summary>
    EventType = 1,

    /// <summary><c>event_types</c>: its own names of types, for the contract's.</summary>
    EventTypes = 2,

    /// <summary><c>map</c>: which payload path becomes which field.</summary>
    Map = 4,

    /// <summary><c>pull</c>: how its payloads are fetched.</summary>
    Pull = 8,
}
