namespace CrmGrains.Checker;

/// <summary>What was acknowledged before another event of its source was sent reaches their grain first.</summary>
internal static class OrderLaw
{
    public static IEnumerable<Violation> Check(HistoryIndex index)
    {
        var times = Times(index);
        foreach (var grain in index.Grains)
        {
            // The event sent latest of those that the grain has seen, by source: whoever comes now must not have been acknowledged before.
            var latest = new Dictionary<(string Workspace, string Source), (LedgerEntry Turn, TimeSpan SentAt)>();
            foreach (var turn in grain.Where(turn => turn is { Kind: EntryKind.EventReceived, Version: > 0, EventId: not null }))
            {
                if (!times.TryGetValue(turn.EventId.GetValueOrDefault(), out var time) || WasRetried(index, turn))
                    continue;
                if (latest.TryGetValue(time.Source, out var other) && time.AnsweredAt < other.SentAt)
                    yield return new(
                        ViolationKind.Reordered, turn.Grain,
                        $"Event {turn.EventId} was acknowledged before event {other.Turn.EventId} was sent, and has its turn at "
                        + $"{turn.Place}, after {other.Turn.Place}.");
                if (other.Turn is null || time.SentAt > other.SentAt)
                    latest[time.Source] = (turn, time.SentAt);
            }
        }
    }

    // By event: its first acknowledgement, and the first time that it was sent, answered or not.
    private static Dictionary<Guid, EventTimes> Times(HistoryIndex index)
    {
        var times = new Dictionary<Guid, EventTimes>();
        foreach (var attempts in index.History.Deliveries.GroupBy(HistoryIndex.NameOf))
        {
            var answered = attempts.Where(attempt => attempt is { IsAcknowledged: true, EventId: not null }).ToList();
            if ((answered.FirstOrDefault()?.EventId ?? index.RawEvent(attempts.Key)?.EventId) is not { } eventId)
                continue;
            times[eventId] = new EventTimes(
                (attempts.Key.Workspace, attempts.Key.Source),
                attempts.Min(attempt => attempt.SentAt),
                answered.Select(attempt => attempt.AnsweredAt ?? TimeSpan.MaxValue).DefaultIfEmpty(TimeSpan.MaxValue).Min());
        }

        return times;
    }

    // What lay in the dead letters in between comes when a person says so.
    private static bool WasRetried(HistoryIndex index, LedgerEntry turn) =>
        index.Ends(turn.EventId.GetValueOrDefault()).Any(end => end.Outcome == EntryKind.DeadLettered);

    private readonly record struct EventTimes((string Workspace, string Source) Source, TimeSpan SentAt, TimeSpan AnsweredAt);
}
