using System.Text.Json;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Contract;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Autonomy;
using CrmGrains.Runtime.Mailboxes;

namespace CrmGrains.Runtime.Turns;

/// <summary>Runs the turns of grains: in memory, grain by grain in message order, over states that are cached or read in one statement.</summary>
internal sealed class GrainTurns(
    IWorkspaces workspaces, Activations activations, IReadOnlyDictionary<string, GrainHandler> handlers, GrantedActions? granted = null) : ITurns
{
    public string PartitionKind => Mailboxes.PartitionKind.Mailbox;

    public async Task<BatchResult> RunAsync(TurnBatch batch, CancellationToken cancellationToken)
    {
        var states = batch.Messages.Select(message => message.Partition).Distinct()
            .ToDictionary(partition => partition, partition => activations.Of(partition, batch.TakenOver.Contains(partition)));
        var unreadable = await LoadAsync(batch, states, cancellationToken);

        // Partition by partition: what the turns of one touch is its own.
        var mailboxes = batch.Messages.GroupBy(message => message.Partition).Select(mailbox => mailbox.ToList()).ToList();
        var ran = new MailboxTurns[mailboxes.Count];
        Cores.ForEach(mailboxes.Count, batch.Messages.Count, i => ran[i] = Run(mailboxes[i], states[mailboxes[i][0].Partition], unreadable, batch));

        return new BatchResult(
            [.. ran.SelectMany(mailbox => mailbox.Turns)],
            [.. ran.SelectMany(mailbox => mailbox.Writes)],
            [],
            Committed: () =>
            {
                foreach (var mailbox in ran)
                    mailbox.WriteBack();
            });
    }

    private MailboxTurns Run(
        List<MailboxMessage> messages, Dictionary<string, Activation> states, Dictionary<string, string> unreadable, TurnBatch batch)
    {
        using var detail = new TurnDetail();
        var turns = new List<TurnResult>(messages.Count);
        var written = new Dictionary<string, (GrainHandler Handler, Activation Activation)>(StringComparer.Ordinal);
        var overtaken = new HashSet<(string Grain, string Timer)>();
        foreach (var message in messages)
        {
            // A timer that a turn of this batch replaced or canceled was taken out already, but it didn't fire.
            if (message.Timer is { } timer && overtaken.Contains((message.Grain, timer)))
                continue;
            var known = written.TryGetValue(message.Grain, out var earlier) ? earlier.Activation : states.GetValueOrDefault(message.Grain);
            var result = Run(message, known, unreadable.GetValueOrDefault(message.Grain), batch, detail, out var handler, out var next);
            turns.Add(result);
            foreach (var effect in result.Effects)
            {
                if (effect is Effect.SetTimer set)
                    overtaken.Add((message.Grain, set.Timer));
                else if (effect is Effect.CancelTimer canceled)
                    overtaken.Add((message.Grain, canceled.Timer));
            }

            if (handler is not null && result.Failure is null)
                written[message.Grain] = (handler, next);
        }

        var partition = messages[0].Partition;
        var writes = written
            .Select(grain => new GrainWrite(
                partition, grain.Key, states.GetValueOrDefault(grain.Key).Version, grain.Value.Activation.Version, grain.Value.Handler.Write(grain.Value.Activation.State)))
            .ToList();
        return new MailboxTurns(turns, writes, () =>
        {
            foreach (var (grain, (_, activation)) in written)
                states[grain] = activation;
        });
    }

    private TurnResult Run(
        MailboxMessage message,
        Activation known,
        string? fault,
        TurnBatch batch,
        TurnDetail detail,
        out GrainHandler? handler,
        out Activation next)
    {
        next = known;
        handler = null;
        var configuration = "";
        try
        {
            if (batch.Poisoned.TryGetValue(message.Id, out var reason))
                return Failed(message, detail, configuration, reason);
            if (fault is not null)
                return Failed(message, detail, configuration, fault);
            var id = GrainId.Parse(message.Grain);
            if (workspaces.Find(id.Workspace) is not { } workspace)
                return Failed(message, detail, configuration, $"Workspace '{id.Workspace}' has no configuration here. Restore it, then retry.");
            configuration = workspace.Hash;
            if (!handlers.TryGetValue(id.Kind, out handler))
                return Failed(message, detail, configuration, $"There is no grain of kind '{id.Kind}'.");

            if (Read(message, out var unread) is not { } happened)
                return Failed(message, detail, configuration, unread);

            var told = granted?.Of(id.Workspace) ?? [];
            var context = new TurnContext(id, message.EventId, batch.Now, workspace) { Granted = told };
            var (state, decision, effects) = handler.Handle(known.State ?? handler.Initial, happened, context);
            if (told.Count > 0 && decision.Actions is not null)
                decision = decision with { Granted = told };  // what the gates saw, so that the turn can be repeated
            next = new Activation(known.Version + 1, state);
            return new TurnResult
            {
                Message = message,
                EventId = message.EventId,
                Version = next.Version,
                Outcome = decision.Outcome,
                Configuration = configuration,
                Detail = detail.Of(message.Body, happened, decision, effects, hasCrm: workspace.Crm is not null),
                Effects = effects,
                CrmAccount = workspace.Crm is { } crm ? CommandAccount.OfCrm(workspace.Name, crm.Name) : null,
            };
        }
        catch (Exception exception)
        {
            // A turn that throws leaves its grain's state as it was; the rest of the batch goes on.
            next = known;
            return Failed(message, detail, configuration, FailureText.Of(exception));
        }
    }

    private static TurnResult Failed(MailboxMessage message, TurnDetail detail, string configuration, string reason) => new()
    {
        Message = message,
        EventId = message.EventId,
        Outcome = "dead_lettered",
        Configuration = configuration,
        Detail = detail.OfFailure(message.Body, reason),
        Failure = reason,
    };

    // Null where its event can't be read, and then the fault says why.
    private static Message? Read(MailboxMessage message, out string fault)
    {
        fault = "";
        if (message.Parsed is { } parsed)
            return parsed;
        var read = JsonSerializer.Deserialize(message.Body, CoreJson.Default.Message) ?? throw new JsonException("The message is null.");
        if (read is not Message.EventReceived received)
            return read;
        if (message.Event is null)
        {
            fault = $"Event {message.EventId} of message {message.Id} isn't stored.";
            return null;
        }

        if (ContractReader.TryRead(message.Event, out var told, out var broken))
            return received with { Event = told };
        fault = $"Event {message.EventId} can't be read. {broken.Path}: {broken.Message}";
        return null;
    }

    // Returns what is wrong with states that can't be read, by grain: their turns fail, and those of other grains go on.
    private async Task<Dictionary<string, string>> LoadAsync(
        TurnBatch batch, Dictionary<int, Dictionary<string, Activation>> states, CancellationToken cancellationToken)
    {
        var unreadable = new Dictionary<string, string>();
        var missing = batch.Messages
            .Where(message => !states[message.Partition].ContainsKey(message.Grain))
            .Select(message => (message.Partition, message.Grain))
            .Distinct()
            .ToList();
        if (missing.Count == 0)
            return unreadable;

        foreach (var stored in await batch.Transaction.StatesAsync(missing, cancellationToken))
        {
            try
            {
                states[stored.Partition][stored.Grain] =
                    new Activation(stored.Version, handlers[GrainId.Parse(stored.Grain).Kind].Read(stored.State));
            }
            catch (Exception exception) when (exception is JsonException or KeyNotFoundException or FormatException or NotSupportedException)
            {
                unreadable[stored.Grain] = $"The stored state of version {stored.Version} can't be read: {exception.Message}";
            }
        }

        return unreadable;
    }

    private readonly record struct MailboxTurns(List<TurnResult> Turns, List<GrainWrite> Writes, Action WriteBack);
}
