using System.Collections.Immutable;
using System.Text.Json;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Grains;
using CrmGrains.Runtime.Turns;

namespace CrmGrains.Simulation.World;

/// <summary>What a scripted grain remembers.</summary>
/// <param name="Turns">Turns so far.</param>
/// <param name="Seen">Labels of the messages, oldest first.</param>
/// <param name="Sent">Messages sent, by receiver.</param>
internal sealed record ScriptedState(long Turns, ImmutableList<string> Seen, ImmutableSortedDictionary<string, int> Sent);

/// <summary>
/// A grain that counts, remembers what it saw, tells other grains, sets and cancels timers, opens and closes reviews, queues commands,
/// throws now and then, and decides something that can't be stored now and then.
/// </summary>
internal sealed class ScriptedGrain(Script script) : GrainHandler
{
    private const int MostHops = 3;

    public override object Initial => new ScriptedState(0, [], ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal));

    public override object Read(ReadOnlySpan<byte> json)
    {
        var stored = JsonSerializer.Deserialize(json, SimulationJson.Default.StoredScriptedState) ?? throw new JsonException();
        return new ScriptedState(stored.Turns, [.. stored.Seen], stored.Sent.ToImmutableSortedDictionary(StringComparer.Ordinal));
    }

    public override byte[] Write(object state)
    {
        var (turns, seen, sent) = (ScriptedState)state;
        return JsonSerializer.SerializeToUtf8Bytes(
            new StoredScriptedState(turns, seen, new SortedDictionary<string, int>(sent, StringComparer.Ordinal)),
            SimulationJson.Default.StoredScriptedState);
    }

    public override (object State, Decision Decision, IReadOnlyList<Effect> Effects) Handle(
        object state, Message message, TurnContext context)
    {
        var (label, hops) = Labels.Of(message, context.Grain);
        var before = (ScriptedState)state;
        var draws = script.Draws(label, "turn");
        if (script.Throws(label))
            throw new InvalidOperationException($"The script has the turn of {label} fail.");
        if (message is Message.EventReceived { Event: null })
            throw new InvalidOperationException($"The event of {label} wasn't there.");

        var effects = new List<Effect>();
        var sent = before.Sent;
        for (var i = hops < MostHops ? draws.Between(-1, 2) : 0; i > 0; i--)
        {
            var to = script.Target($"{label}.{i}");
            var number = sent.GetValueOrDefault(to.ToString()) + 1;
            sent = sent.SetItem(to.ToString(), number);
            effects.Add(new Effect.Send(to, Labels.Told(context.Grain.ToString(), number, $"{label}.{i}", hops + 1)));
        }

        // A timer that sets a timer must come to an end some time.
        if (draws.Is(message is Message.TimerFired ? 0.1 : 0.2))
            effects.Add(new Effect.SetTimer($"t{draws.Below(2)}", context.Now + draws.Between(TimeSpan.Zero, TimeSpan.FromSeconds(3))));
        if (draws.Is(0.1))
            effects.Add(new Effect.CancelTimer($"t{draws.Below(2)}"));
        if (draws.Is(0.1))
            effects.Add(new Effect.OpenReview($"{context.Grain}/r{draws.Below(2)}", "scripted", "The script asks for it."));
        if (draws.Is(0.1))
            effects.Add(new Effect.CloseReview($"{context.Grain}/r{draws.Below(2)}", "scripted"));
        if (draws.Is(0.2))
            effects.Add(new Effect.Enqueue(draws.Between(1, 2), new CrmCommand.CreateTask(label, "", "", context.Now, "low", null, [])));

        return (
            new ScriptedState(before.Turns + 1, before.Seen.Add(label), sent),
            new Decision { Outcome = "record", Reason = script.IsPoison(label) ? Script.Poison : label },
            effects);
    }
}
