using System.Text.Json;

namespace CrmGrains.Checker;

/// <summary>Each delivery that was acknowledged is stored, and came to a turn of a grain or to an end in the intake.</summary>
internal static class AcknowledgedLaw
{
    public static IEnumerable<Violation> Check(HistoryIndex index)
    {
        var acknowledged = index.History.Deliveries.Where(delivery => delivery.IsAcknowledged).GroupBy(HistoryIndex.NameOf);
        foreach (var delivery in acknowledged)
        {
            var ids = delivery.Select(attempt => attempt.EventId).Distinct().ToList();
            if (ids.Count > 1)
                yield return new(
                    ViolationKind.Doubled, Shown(delivery.Key), $"It was answered with {ids.Count} events: {string.Join(", ", ids)}.");
            if (Fault(index, delivery.First()) is { } fault)
                yield return new(ViolationKind.Lost, Shown(delivery.Key), fault);
        }

        foreach (var fact in index.Facts)
        {
            var turns = fact.Value.SelectMany(index.Ends).Where(IsTurn).Select(turn => turn.EventId).Distinct().ToList();
            if (turns.Count > 1)
                yield return new(
                    ViolationKind.Doubled, $"fact {fact.Key}", $"Its customer had a turn for each of {string.Join(", ", turns)}.");
        }
    }

    private static string? Fault(HistoryIndex index, SentDelivery delivery)
    {
        if (delivery.EventId is not { } eventId || index.RawEvent(eventId) is not { } raw)
            return $"Event {delivery.EventId} was acknowledged and isn't stored.";
        if (index.Sources.GetValueOrDefault(raw.Partition) != (delivery.Workspace, delivery.Source)
            || (delivery.DeliveryId is { } id && id != raw.DeliveryId))
            return $"Event {eventId} was acknowledged for it, and is delivery {raw.DeliveryId} of partition {raw.Partition}.";

        var ends = index.Ends(eventId).ToList();
        if (ends.Count == 0)
            return index.Left(eventId).Any() ? null : $"Event {eventId} is stored, and nothing became of it.";
        return ends.TrueForAll(end => end.Outcome == EntryKind.Duplicate) ? DuplicateFault(index, delivery, ends[0]) : null;
    }

    // A repeat is safe where what it repeats is; and only that may be dropped which the sender calls a repeat too.
    private static string? DuplicateFault(HistoryIndex index, SentDelivery delivery, LedgerEntry end)
    {
        if (end.Detail is not { } detail)
            return null;
        using var json = JsonDocument.Parse(detail.Read());
        if (!json.RootElement.TryGetProperty("duplicate_of", out var named) || !named.TryGetGuid(out var first))
            return $"Event {end.EventId} was dropped as a duplicate at {end.Place}, which doesn't say of what.";
        if (!index.Ends(first).Any(other => other.Outcome != EntryKind.Duplicate) && !index.Left(first).Any())
            return $"Event {end.EventId} was dropped as a duplicate of event {first}, of which nothing became.";
        return delivery.Fact is { } fact && index.FactOf(first) is { } other && other != (delivery.Workspace, fact)
            ? $"Event {end.EventId} was dropped as a duplicate of event {first}, which tells of another fact ({other.Fact})."
            : null;
    }

    private static bool IsTurn(LedgerEntry end) => end is { Kind: EntryKind.EventReceived, Version: > 0 };

    private static string Shown((string Workspace, string Source, string DeliveryId) name) =>
        $"delivery {name.Workspace}/{name.Source}/{name.DeliveryId}";
}
