namespace CrmGrains.Checker;

/// <summary>Each message has exactly one ledger entry, and each stored delivery exactly one that says what became of it.</summary>
internal static class OneEntryLaw
{
    public static IEnumerable<Violation> Check(HistoryIndex index) => Messages(index).Concat(Deliveries(index));

    private static IEnumerable<Violation> Messages(HistoryIndex index)
    {
        var handled = new Dictionary<long, LedgerEntry>();
        foreach (var turn in index.History.Turns.Where(turn => turn.MessageId != 0))
        {
            if (!handled.TryAdd(turn.MessageId, turn))
                yield return new(
                    ViolationKind.Doubled, $"message {turn.MessageId}",
                    $"It has entries at {handled[turn.MessageId].Place} and {turn.Place}.");
        }

        foreach (var message in index.History.MessagesLeft)
        {
            if (handled.TryGetValue(message.Id, out var turn))
                yield return new(
                    ViolationKind.Doubled, $"message {message.Id}",
                    $"It has an entry at {turn.Place} and still lies in mailbox {message.Partition}.");
        }
    }

    // What a person sent once more has one entry for each time.
    private static IEnumerable<Violation> Deliveries(HistoryIndex index)
    {
        var retries = index.History.DeadLetters
            .Where(letter => letter is { Queue: "turns", Resolution: "retried", EventId: not null }
                && letter.Kind is EntryKind.DeliveryReceived or EntryKind.EventReceived)
            .CountBy(letter => letter.EventId.GetValueOrDefault())
            .ToDictionary();
        foreach (var raw in index.History.RawEvents)
        {
            var ends = index.Ends(raw.EventId).ToList();
            var expected = 1 + retries.GetValueOrDefault(raw.EventId);
            var found = ends.Count + index.Left(raw.EventId).Count();
            if (found > expected)
                yield return new(
                    ViolationKind.Doubled, $"event {raw.EventId}",
                    $"It was handled or waits {found} times instead of {expected}: "
                    + $"{string.Join(", ", ends.Select(end => $"{end.Outcome} at {end.Place}"))}.");
            else if (found < expected)
                yield return new(
                    ViolationKind.Unhandled, $"event {raw.EventId}",
                    $"Delivery {raw.DeliveryId} was stored, and is neither handled nor waiting ({found} of {expected}).");
        }
    }
}
