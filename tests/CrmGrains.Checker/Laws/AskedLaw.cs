using System.Text.Json;

namespace CrmGrains.Checker;

/// <summary>What a turn asked for is there, once: each message that it sent to a grain, each command that it queued.</summary>
internal static class AskedLaw
{
    public static IEnumerable<Violation> Check(History history)
    {
        var (sent, queued) = Asked(history.Turns);
        var isErased = history.Turns.Any(turn => turn is { Version: > 0, Detail: null });
        return isErased ? Commands(history, queued) : Messages(history, sent).Concat(Commands(history, queued));
    }

    // Only kinds that grains send are counted: those of sources, commands and timers come from elsewhere.
    private static IEnumerable<Violation> Messages(History history, Dictionary<SentMessage, int> sent)
    {
        var kinds = sent.Keys.Select(message => message.Kind).ToHashSet();
        var arrived = history.Turns.Where(turn => kinds.Contains(turn.Kind)).Select(turn => new SentMessage(turn.Grain, turn.Kind, turn.EventId))
            .Concat(history.MessagesLeft.Where(left => kinds.Contains(left.Kind))
                .Select(left => new SentMessage(left.Grain, left.Kind, left.EventId)))
            .CountBy(message => message)
            .ToDictionary();
        foreach (var letter in history.DeadLetters.Where(letter => letter.Resolution == "retried" && kinds.Contains(letter.Kind)))
        {
            var retried = new SentMessage(letter.Grain, letter.Kind, letter.EventId);
            sent[retried] = sent.GetValueOrDefault(retried) + 1;
        }

        foreach (var message in sent.Keys.Union(arrived.Keys))
        {
            var (asked, found) = (sent.GetValueOrDefault(message), arrived.GetValueOrDefault(message));
            if (asked != found)
                yield return new(
                    found > asked ? ViolationKind.Doubled : ViolationKind.Unhandled, $"{message.Kind} of event {message.EventId}",
                    $"It was sent to {message.Grain} {asked} times, and is there {found} times.");
        }
    }

    private static IEnumerable<Violation> Commands(History history, HashSet<(string Workspace, string EffectKey)> queued)
    {
        // A workspace that never had a CRM asked in vain before entries said so.
        var there = history.Commands.Select(command => (command.Workspace, command.EffectKey)).ToHashSet();
        var withCrm = history.Commands.Select(command => command.Workspace).ToHashSet();
        return queued.Where(command => withCrm.Contains(command.Workspace) && !there.Contains(command)).Select(command => new Violation(
            ViolationKind.Unhandled, $"command {command.EffectKey}", "A turn asked for it, and there is no such command."));
    }

    private static (Dictionary<SentMessage, int> Sent, HashSet<(string Workspace, string EffectKey)> Queued) Asked(
        IReadOnlyList<LedgerEntry> turns)
    {
        var (sent, queued) = (new Dictionary<SentMessage, int>(), new HashSet<(string Workspace, string EffectKey)>());
        foreach (var turn in turns.Where(turn => turn is { Version: > 0, Detail: not null }))
        {
            using var detail = JsonDocument.Parse(turn.Detail?.Read() ?? []);
            if (!detail.RootElement.TryGetProperty("effects", out var effects))
                continue;
            foreach (var effect in effects.EnumerateArray())
            {
                if (effect.TryGetProperty("send", out var kind))
                {
                    var message = new SentMessage(Text(effect, "to"), kind.GetString() ?? "", turn.EventId);
                    sent[message] = sent.GetValueOrDefault(message) + 1;
                }
                else if (effect.TryGetProperty("enqueue", out var operation) && !effect.TryGetProperty("nowhere", out _))
                {
                    queued.Add((turn.Workspace, KeyOf(turn, effect, operation.GetString() ?? "")));
                }
            }
        }

        return (sent, queued);
    }

    private static string KeyOf(LedgerEntry turn, JsonElement effect, string operation)
    {
        var cause = turn.EventId?.ToString() ?? $"{turn.Grain}@{turn.Version}";
        return $"{cause}/{effect.GetProperty("step").GetInt32()}/{Text(effect, "object")}/{operation}";
    }

    private static string Text(JsonElement effect, string name) => effect.GetProperty(name).GetString() ?? "";

    private readonly record struct SentMessage(string Grain, string Kind, Guid? EventId);
}
