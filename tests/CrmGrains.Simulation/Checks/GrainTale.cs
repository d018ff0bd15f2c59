using System.Text.Json;
using CrmGrains.Checker;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Turns;
using CrmGrains.Simulation.Store;
using CrmGrains.Simulation.World;

namespace CrmGrains.Simulation.Checks;

/// <summary>
/// The turns of all grains run again from the ledger alone: their states, and everything that they asked for, which must be found in the
/// tables, and nothing else.
/// </summary>
internal sealed class GrainTale(SimulatedWorld world)
{
    private readonly GrainHandler _handler = new ScriptedGrain(world.Script);
    private readonly Dictionary<(string Grain, string Timer), DateTimeOffset> _timers = [];
    private readonly List<string> _faults = [];

    /// <summary>Labels of messages that grains have sent, with their receivers.</summary>
    public List<(string Label, string To)> Sent { get; } = [];

    /// <summary>Labels of the commands.</summary>
    public List<string> Commands { get; } = [];

    /// <summary>Keys of the reviews that are open.</summary>
    public HashSet<string> OpenReviews { get; } = [];

    /// <summary>Timers that were never set, or fired at another time.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>The state after a grain's turns; a <see cref="GrainFold"/>.</summary>
    public byte[] Fold(string grain, IReadOnlyList<LedgerEntry> turns)
    {
        var state = _handler.Initial;
        foreach (var turn in turns)
            state = Run(grain, turn.Detail?.Read() ?? [], turn.EventId, turn.BeganAt, state, out _);
        return _handler.Write(state);
    }

    /// <summary>Goes through a grain's entries, those of turns that failed too.</summary>
    public void Tell(string grain, IEnumerable<EntryRow> entries)
    {
        var state = _handler.Initial;
        foreach (var entry in entries)
        {
            var turn = entry.Row.Turn;
            if (turn.Message.Timer is { } timer)
                Fire(grain, timer, turn.Message.Body);
            if (turn.Version == 0)
                continue;
            state = Run(grain, turn.Detail, turn.EventId, entry.Row.BeganAt, state, out var effects);
            foreach (var effect in effects)
                Apply(grain, effect);
        }
    }

    /// <summary>Timers that are set and haven't fired.</summary>
    public IReadOnlyCollection<(string Grain, string Timer)> TimersSet => _timers.Keys;

    private object Run(string grain, byte[] detail, Guid? eventId, DateTimeOffset at, object state, out IReadOnlyList<Effect> effects)
    {
        using var json = JsonDocument.Parse(detail);
        var message = json.RootElement.GetProperty("message").Deserialize(CoreJson.Default.Message) ?? throw new JsonException();
        if (message is Message.EventReceived received)
            message = received with
            {
                Event = JsonSerializer.Deserialize(world.Database.Events[eventId.GetValueOrDefault()], CoreJson.Default.ContractEvent),
            };
        var context = new TurnContext(GrainId.Parse(grain), eventId, at, OneWorkspace.Configuration);
        (var next, _, effects) = _handler.Handle(state, message, context);
        return next;
    }

    private void Fire(string grain, string timer, byte[] body)
    {
        var fired = JsonSerializer.Deserialize(body, CoreJson.Default.Message) as Message.TimerFired;
        if (!_timers.Remove((grain, timer), out var dueAt) || dueAt != fired?.DueAt)
            _faults.Add($"Timer {timer} of {grain} fired, due at {fired?.DueAt:O}; it was set to {dueAt:O}.");
    }

    private void Apply(string grain, Effect effect)
    {
        switch (effect)
        {
            case Effect.Send send:
                Sent.Add((Labels.Of(send.Message, send.To).Label, send.To.ToString()));
                break;
            case Effect.SetTimer timer:
                _timers[(grain, timer.Timer)] = timer.DueAt;
                break;
            case Effect.CancelTimer timer:
                _timers.Remove((grain, timer.Timer));
                break;
            case Effect.Enqueue { Command: CrmCommand.CreateTask task }:
                Commands.Add(task.Name);
                break;
            case Effect.OpenReview review:
                OpenReviews.Add(review.Key);
                break;
            case Effect.CloseReview review:
                OpenReviews.Remove(review.Key);
                break;
        }
    }
}
