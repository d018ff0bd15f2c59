using System.Text.Json;
using CrmGrains.Checker;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Simulation.Store;
using CrmGrains.Simulation.World;

namespace CrmGrains.Simulation.Checks;

/// <summary>The laws of the history checker, and those that only a world knows whose script says what must come of everything.</summary>
internal static class WorldLaws
{
    public static IEnumerable<string> Check(SimulatedWorld world)
    {
        var tale = new GrainTale(world);
        using var history = WorldHistory.Of(world);
        // What turns asked for is held against what became of it below, by name: here connectors send kinds that grains send too.
        var report = HistoryChecker.Check(history, new CheckOptions { Laws = Laws.WithoutCrm & ~Laws.Asked, Fold = tale.Fold });
        var violations = report.Violations.Select(violation => violation.ToString()).ToList();

        var entries = world.Database.Ledger.Values.SelectMany(chain => chain.OrderBy(entry => entry.Row.Position)).ToList();
        foreach (var grain in entries.GroupBy(entry => entry.Row.Turn.Message.Grain).Where(grain => grain.Key.Length > 0))
            Try(() => tale.Tell(grain.Key, grain), violations);
        violations.AddRange(tale.Faults);
        if (world.Database.Fault is { } refused)
            violations.Add(refused);
        violations.AddRange(Messages(world, tale, entries));
        violations.AddRange(Order(entries));
        violations.AddRange(Effects(world, tale, entries));
        violations.AddRange(DeadLetters(world, entries));
        return violations;
    }

    // Each message that a turn or a connector has sent has one entry, of the grain that it was sent to; and nothing else has.
    private static IEnumerable<string> Messages(SimulatedWorld world, GrainTale tale, List<EntryRow> entries)
    {
        var expected = tale.Sent.Concat(world.Senders.Told.Select(told => (told.Label, told.To)));
        var handled = entries.Where(entry => entry.Row.Turn.Message.Kind == "command_completed")
            .Select(entry => (Told(entry).EffectKey, entry.Row.Turn.Message.Grain));
        foreach (var difference in Difference("message", expected, handled))
            yield return difference;

        foreach (var entry in entries.Where(entry => entry.Row.Turn is { Message.Kind: EntryKind.EventReceived }))
        {
            var delivery = world.Database.Deliveries[entry.Row.Turn.EventId.GetValueOrDefault()].DeliveryId;
            if (entry.Row.Turn.Message.Grain != world.Script.Target(delivery).ToString() || world.Script.FateOf(delivery) != Fate.Accepted)
                yield return $"Delivery {delivery} came to {entry.Row.Turn.Message.Grain}.";
        }
    }

    // What one tells another arrives in order, counted from 1; what failed is an entry too.
    private static IEnumerable<string> Order(List<EntryRow> entries)
    {
        var last = new Dictionary<(string From, string To), int>();
        foreach (var entry in entries.Where(entry => entry.Row.Turn.Message.Kind == "command_completed"))
        {
            var told = Told(entry);
            var pair = (told.Object, entry.Row.Turn.Message.Grain);
            var number = int.Parse(told.CrmId ?? "0");
            if (number != last.GetValueOrDefault(pair) + 1)
                yield return $"Message {number} of {pair.Object} to {pair.Grain} came after message {last.GetValueOrDefault(pair)}.";
            last[pair] = number;
        }
    }

    private static IEnumerable<string> Effects(SimulatedWorld world, GrainTale tale, List<EntryRow> entries)
    {
        var dropped = entries.Where(entry => entry.Row.Turn is { Message.Kind: EntryKind.DeliveryReceived, Outcome: "ignored" })
            .SelectMany(entry => entry.Row.Turn.Effects).OfType<Effect.OpenReview>().Select(review => review.Key);
        return Difference("command", tale.Commands, world.Database.Commands.Select(row => ((CrmCommand.CreateTask)row.Command).Name))
            .Concat(Difference("open review", tale.OpenReviews.Concat(dropped), world.Database.OpenReviews.Select(review => review.Key)))
            .Concat(tale.TimersSet.Select(timer => $"Timer {timer.Timer} of {timer.Grain} was set and never fired."));
    }

    // Whatever was given up on is a dead letter; and only that was given up on, and all of it, of which the script says so.
    private static IEnumerable<string> DeadLetters(SimulatedWorld world, List<EntryRow> entries)
    {
        var given = entries.Where(entry => entry.Row.Turn.Outcome == EntryKind.DeadLettered).ToHashSet();
        return Difference(
                "dead letter", given.Select(entry => Shown(entry.Row.Turn.Message)),
                world.Database.DeadLetters.Select(row => $"{row.Kind} of {row.Grain}, event {row.EventId}"))
            .Concat(entries.Where(entry => IsHopeless(world, entry.Row.Turn.Message) != given.Contains(entry))
                .Select(entry => $"{Shown(entry.Row.Turn.Message)} ended as {entry.Row.Turn.Outcome}: {entry.Row.Turn.Failure}"));
    }

    private static bool IsHopeless(SimulatedWorld world, MailboxMessage message)
    {
        if (message.Kind == EntryKind.DeliveryReceived)
        {
            // Alone in its batch and forwarded, a delivery is given up on as a whole where its grain's turn can't be stored.
            var delivery = world.Database.Deliveries[message.EventId.GetValueOrDefault()].DeliveryId;
            return world.Script.FateOf(delivery) switch
            {
                Fate.Accepted => world.Script.IsPoison(delivery),
                var fate => fate != Fate.Dropped,
            };
        }

        var read = JsonSerializer.Deserialize(message.Body, CoreJson.Default.Message) ?? throw new JsonException();
        var (label, _) = Labels.Of(read, GrainId.Parse(message.Grain));
        return world.Script.Throws(label) || world.Script.IsPoison(label);
    }

    private static string Shown(MailboxMessage message) => $"{message.Kind} of {message.Grain}, event {message.EventId}";

    private static CommandResult Told(EntryRow entry) =>
        ((Message.CommandCompleted?)JsonSerializer.Deserialize(entry.Row.Turn.Message.Body, CoreJson.Default.Message)
            ?? throw new JsonException()).Result;

    private static IEnumerable<string> Difference<T>(string what, IEnumerable<T> expected, IEnumerable<T> found)
        where T : notnull
    {
        var counts = expected.CountBy(one => one).ToDictionary();
        foreach (var one in found)
            counts[one] = counts.GetValueOrDefault(one) - 1;
        return counts.Where(count => count.Value != 0)
            .Select(count => count.Value > 0 ? $"A {what} is missing: {count.Key}." : $"A {what} is there too often: {count.Key}.");
    }

    private static void Try(Action check, List<string> violations)
    {
        try
        {
            check();
        }
        catch (Exception exception)
        {
            violations.Add($"The turns can't be run again: {exception.Message}");
        }
    }
}
