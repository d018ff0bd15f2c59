namespace CrmGrains.Checker;

/// <summary>A history by what the laws look things up by.</summary>
internal sealed class HistoryIndex
{
    private readonly Lazy<Dictionary<Guid, RawEvent>> _rawEvents;
    private readonly Lazy<Dictionary<(string Workspace, string Source, string DeliveryId), RawEvent>> _byDelivery;
    private readonly Lazy<ILookup<Guid, LedgerEntry>> _ends;
    private readonly Lazy<ILookup<Guid, MessageLeft>> _left;
    private readonly Lazy<Dictionary<(string Workspace, string Fact), IReadOnlyList<Guid>>> _facts;
    private readonly Lazy<Dictionary<Guid, (string Workspace, string Fact)>> _factOf;
    private readonly Lazy<IReadOnlyList<IGrouping<string, LedgerEntry>>> _grains;
    private readonly Lazy<IReadOnlyList<IGrouping<int, LedgerEntry>>> _chains;

    public HistoryIndex(History history)
    {
        History = history;
        Sources = history.Partitions.Where(partition => partition.Source is not null)
            .ToDictionary(partition => partition.Id, partition => (partition.Workspace ?? "", partition.Source ?? ""));
        Acknowledged = [.. history.Deliveries.Where(delivery => delivery.IsAcknowledged).Select(NameOf).Distinct()];
        _rawEvents = new(() => history.RawEvents.ToDictionary(raw => raw.EventId));
        _byDelivery = new(() => history.RawEvents.Where(raw => Sources.ContainsKey(raw.Partition))
            .ToDictionary(raw => (Sources[raw.Partition].Workspace, Sources[raw.Partition].Source, raw.DeliveryId)));
        _ends = new(() => history.Turns.Where(IsEnd).ToLookup(turn => turn.EventId.GetValueOrDefault()));
        _left = new(() => history.MessagesLeft
            .Where(message => message.EventId is not null && EndsDelivery(message.Kind))
            .ToLookup(message => message.EventId.GetValueOrDefault()));
        _facts = new(() => history.Deliveries.Where(delivery => delivery.Fact is not null)
            .GroupBy(delivery => (delivery.Workspace, delivery.Fact ?? ""), EventOf)
            .ToDictionary(fact => fact.Key, IReadOnlyList<Guid> (fact) => [.. fact.OfType<Guid>().Distinct()]));
        _factOf = new(() => Facts.SelectMany(fact => fact.Value.Select(eventId => (eventId, fact.Key)))
            .DistinctBy(pair => pair.eventId).ToDictionary(pair => pair.eventId, pair => pair.Key));
        _grains = new(() => [.. InOrder(history.Turns).Where(turn => turn.Grain.Length > 0).GroupBy(turn => turn.Grain)]);
        _chains = new(() => [.. InOrder(history.Turns).GroupBy(turn => turn.Partition)]);
    }

    public History History { get; }

    /// <summary>Workspace and source of the intake queues.</summary>
    public IReadOnlyDictionary<int, (string Workspace, string Source)> Sources { get; }

    /// <summary>The deliveries that were answered 202, by name.</summary>
    public IReadOnlyList<(string Workspace, string Source, string DeliveryId)> Acknowledged { get; }

    /// <summary>What the senders told, and the stored events that tell it.</summary>
    public IReadOnlyDictionary<(string Workspace, string Fact), IReadOnlyList<Guid>> Facts => _facts.Value;

    /// <summary>The ledger's chains, each in the order of its positions.</summary>
    public IReadOnlyList<IGrouping<int, LedgerEntry>> Chains => _chains.Value;

    /// <summary>The entries of each grain, in the order of the ledger.</summary>
    public IReadOnlyList<IGrouping<string, LedgerEntry>> Grains => _grains.Value;

    public RawEvent? RawEvent(Guid eventId) => _rawEvents.Value.GetValueOrDefault(eventId);

    public RawEvent? RawEvent((string Workspace, string Source, string DeliveryId) name) => _byDelivery.Value.GetValueOrDefault(name);

    /// <summary>What an event tells of, as its sender calls it; null where none said.</summary>
    public (string Workspace, string Fact)? FactOf(Guid eventId) => _factOf.Value.TryGetValue(eventId, out var fact) ? fact : null;

    /// <summary>The event of a delivery, also of one that was never answered.</summary>
    public Guid? EventOf(SentDelivery delivery) =>
        delivery is { IsAcknowledged: true, EventId: { } answered } ? answered : RawEvent(NameOf(delivery))?.EventId;

    /// <summary>The entries that say what became of a delivery.</summary>
    public IEnumerable<LedgerEntry> Ends(Guid eventId) => _ends.Value[eventId];

    /// <summary>The messages that will say what becomes of a delivery.</summary>
    public IEnumerable<MessageLeft> Left(Guid eventId) => _left.Value[eventId];

    /// <summary>A delivery by what its attempts have in common; one without an id of its own by the event id that was answered.</summary>
    public static (string Workspace, string Source, string DeliveryId) NameOf(SentDelivery delivery) =>
        (delivery.Workspace, delivery.Source, delivery.DeliveryId ?? $"event {delivery.EventId}");

    // A customer who was merged into another one passes an event on; its end is with that one.
    private static bool IsEnd(LedgerEntry turn) => turn.EventId is not null && EndsDelivery(turn.Kind) && turn.Outcome != EntryKind.PassedOn;

    private static bool EndsDelivery(string kind) => kind is EntryKind.DeliveryReceived or EntryKind.EventReceived;

    private static IEnumerable<LedgerEntry> InOrder(IEnumerable<LedgerEntry> turns) =>
        turns.OrderBy(turn => turn.Partition).ThenBy(turn => turn.Position);
}
