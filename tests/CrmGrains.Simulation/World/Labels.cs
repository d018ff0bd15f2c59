using System.Text.Json;
using System.Text.Json.Serialization;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;

namespace CrmGrains.Simulation.World;

/// <summary>Labels and their places in messages of the contract: each message of a run has one of its own.</summary>
internal static class Labels
{
    /// <summary>What an accepted delivery says to its grain.</summary>
    public static Message.EventReceived Received(string label) => new(new IdentityMatch(label, 1, []), new Validation());

    /// <summary>What one tells another.</summary>
    /// <param name="from">Who.</param>
    /// <param name="number">Counted from 1, for each pair.</param>
    /// <param name="label">Its label.</param>
    /// <param name="hops">How many grains it came through.</param>
    public static Message Told(string from, int number, string label, int hops) => new Message.CommandCompleted(new CommandResult
    {
        EffectKey = label, Object = from, Outcome = CommandOutcome.Succeeded, CrmId = $"{number}", Attempts = hops,
    });

    public static (string Label, int Hops) Of(Message message, GrainId grain) => message switch
    {
        Message.EventReceived received => (received.Match.By, 0),
        Message.CommandCompleted told => (told.Result.EffectKey, told.Result.Attempts),
        Message.TimerFired timer => ($"{grain}!{timer.Timer}@{timer.DueAt.UtcTicks}", 1),
        _ => throw new InvalidOperationException($"The script has no {message.Name}."),
    };
}

/// <summary>A delivery's body.</summary>
/// <param name="Label">Its label.</param>
internal sealed record ScriptedDelivery(string Label);

/// <summary>A scripted grain's state as it is stored.</summary>
internal sealed record StoredScriptedState(long Turns, IReadOnlyList<string> Seen, SortedDictionary<string, int> Sent);

/// <summary>What the scripted intake writes into its ledger entries.</summary>
internal sealed record ScriptedDetail(string Label, string Note);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ScriptedDelivery))]
[JsonSerializable(typeof(StoredScriptedState))]
[JsonSerializable(typeof(ScriptedDetail))]
internal sealed partial class SimulationJson : JsonSerializerContext;
