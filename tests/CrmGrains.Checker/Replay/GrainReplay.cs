using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Contract;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Turns;

namespace CrmGrains.Checker;

/// <summary>Finds a configuration by its workspace's name and its hash; null where it isn't known.</summary>
public delegate WorkspaceConfiguration? ConfigurationByHash(string workspace, string hash);

/// <summary>
/// Runs the turns of a grain again: its messages from the ledger's details, its events by id, its configuration by hash, its time from
/// the beginning of the batch. Whatever else a turn would have depended on shows as another state.
/// </summary>
public sealed class GrainReplay
{
    private readonly Dictionary<Guid, LogicalEvent> _events;
    private readonly ConfigurationByHash _configuration;

    /// <summary>Over the events and details of a history.</summary>
    public GrainReplay(History history, ConfigurationByHash configuration)
    {
        _events = history.Events.ToDictionary(one => one.EventId);
        _configuration = configuration;
    }

    /// <summary>The state after the turns, as JSON; null where a detail was erased. It is a <see cref="GrainFold"/>.</summary>
    /// <exception cref="InvalidOperationException">What a turn names isn't there, or it decides otherwise.</exception>
    public byte[]? Fold(string grain, IReadOnlyList<LedgerEntry> turns)
    {
        if (turns.Any(turn => turn.Detail is null))
            return null;
        var id = GrainId.Parse(grain);
        var handler = GrainHandler.All[id.Kind];
        var state = handler.Initial;
        foreach (var turn in turns)
        {
            var workspace = _configuration(turn.Workspace, turn.Configuration)
                ?? throw new InvalidOperationException($"Configuration {turn.Configuration} of the turn at {turn.Place} isn't known.");
            var (next, decision, _) = handler.Handle(
                state, Read(turn), new TurnContext(id, turn.EventId, turn.BeganAt, workspace) { Granted = Granted(turn) });
            if (decision.Outcome != turn.Outcome)
                throw new InvalidOperationException(
                    $"The turn at {turn.Place} decided '{turn.Outcome}', run again it decides '{decision.Outcome}'.");
            state = next;
        }

        return handler.Write(state);
    }

    // What the turn was told to go without a person.
    private static IReadOnlyList<string> Granted(LedgerEntry turn)
    {
        using var detail = JsonDocument.Parse(turn.Detail?.Read() ?? []);
        return detail.RootElement.TryGetProperty("decision", out var decision) && decision.TryGetProperty("granted", out var granted)
            ? [.. granted.EnumerateArray().Select(action => action.GetString() ?? "")]
            : [];
    }

    private Message Read(LedgerEntry turn)
    {
        using var detail = JsonDocument.Parse(turn.Detail?.Read() ?? []);
        var message = detail.RootElement.GetProperty("message").Deserialize(CoreJson.Default.Message)
            ?? throw new JsonException($"The message of the turn at {turn.Place} is null.");
        if (message is not Message.EventReceived received)
            return message;
        var told = turn.EventId is { } eventId ? _events.GetValueOrDefault(eventId) : null;
        return told is null
            ? throw new InvalidOperationException($"Event {turn.EventId} of the turn at {turn.Place} isn't stored.")
            : ContractReader.TryRead(told.Body.Read(), out var value, out var fault)
                ? received with { Event = value }
                : throw new InvalidOperationException($"Event {turn.EventId} of the turn at {turn.Place} can't be read. {fault.Path}: {fault.Message}");
    }
}
