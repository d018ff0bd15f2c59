using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Intake.Identity;
using CrmGrains.Intake.Replays;
using CrmGrains.Intake.Sources;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;
using CrmGrains.Runtime.Turns;
using Npgsql;

namespace CrmGrains.Intake.Loop;

/// <summary>
/// Takes deliveries out of their source's queue: normalizes, validates, drops repeats, finds the customer and tells it. What doesn't become
/// a customer's event is a ledger entry of the queue's own chain, and a review item where a person can mend it.
/// </summary>
public sealed class IntakeTurns(IWorkspaces workspaces, IntakeMetrics metrics, TimeProvider time) : ITurns
{
    private const string Conflicted = "delivery_conflicted";

    /// <inheritdoc/>
    public string PartitionKind => Runtime.Mailboxes.PartitionKind.IntakeQueue;

    /// <inheritdoc/>
    public async Task<BatchResult> RunAsync(TurnBatch batch, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var turns = new List<TurnResult>();
        var accepted = new List<AcceptedEvent>(batch.Messages.Count);
        var judged = new (TurnResult? Turn, AcceptedEvent? Accepted)[batch.Messages.Count];
        Cores.ForEach(judged.Length, judged.Length, i => judged[i] = Judge(batch.Messages[i], batch));
        var replayed = new List<AcceptedEvent>();
        var selection = new Selection();
        foreach (var (turn, one) in judged)
        {
            if (turn is not null)
                turns.Add(turn);
            if (one is null)
                continue;
            if (selection.Of(one) is { } outcome)
                turns.Add(Turn(one.Message, outcome, one.Configuration, new IntakeDetail { Reason = one.Kept.Reason, Validation = one.Validation }));
            else
                (one.Replay is null ? accepted : replayed).Add(one);
        }

        metrics.Normalized(batch.Messages.Count, time.GetElapsedTime(began));

        var connection = batch.Transaction.Connection;
        var (told, known) = await StoreAsync(connection, accepted, turns, cancellationToken);
        var replays = replayed.Count == 0 ? null : await ReplayAsync(connection, replayed, told, known, turns, cancellationToken);
        var messages = await AddressAsync(connection, told, known, replays, turns, cancellationToken);
        await selection.NoteAsync(connection, cancellationToken);
        await ReplayCounts.WriteAsync(connection, turns, cancellationToken);
        var ordered = turns.OrderBy(turn => turn.Message.Id).ToList();
        return new BatchResult(ordered, [], messages, Committed: () =>
        {
            foreach (var turn in ordered)
                metrics.Decided(turn.Message.Workspace, turn.Outcome);
            metrics.Accepted(messages.Where(message => message.Forward is not null));
            selection.Count(metrics);
        });
    }

    // A turn of its own, where it doesn't become an event.
    private (TurnResult? Turn, AcceptedEvent? Accepted) Judge(MailboxMessage message, TurnBatch batch)
    {
        if (batch.Poisoned.TryGetValue(message.Id, out var poison))
            return (Dead(message, poison), null);

        if (message.Kind == Conflicted)
        {
            var conflict = JsonSerializer.Deserialize(message.Body, IntakeJson.Default.ConflictedDelivery);
            return (Turn(message, "conflict", "", new IntakeDetail
            {
                Reason = "A delivery of the same id came with another body. The first one stands.",
                Conflict = conflict,
            }), null);
        }

        if (message is not { EventId: { } id, Event: { } body, ReceivedAt: { } receivedAt })
            return (Dead(message, $"Delivery {message.EventId} isn't stored."), null);

        if (message.Kind == ReplayedDelivery.Kind && body.Length == 0)
            return (Turn(message, "purged", "", new IntakeDetail { Reason = "The delivery's body is no longer kept." }), null);

        if (workspaces.Find(message.Workspace) is not { } workspace || !workspace.Sources.TryGetValue(message.Source ?? "", out var source))
            return (Dead(message, $"Source {message.Workspace}/{message.Source} has no configuration here. Restore it, then retry."), null);

        try
        {
            return Normalizer.For(source.Format).Normalize(new RawDelivery(id, receivedAt, body), source, workspace) switch
            {
                Normalized.Event normalized => (null, new AcceptedEvent(
                    message, normalized.Value, JsonSerializer.SerializeToUtf8Bytes(normalized.Value, CoreJson.Default.ContractEvent),
                    normalized.Validation, workspace.Hash, KeepRules.Of(source, normalized.Value)) { Replay = ReplayedDelivery.Of(message) }),
                Normalized.Rejected rejected => (Rejected(message, workspace.Hash, rejected.Validation), null),
                Normalized.Ignored ignored => (Turn(message, "ignored", workspace.Hash, new IntakeDetail { Reason = ignored.Reason }), null),
                var other => throw new InvalidOperationException($"Nothing is known of {other.GetType().Name}."),
            };
        }
        catch (Exception exception)
        {
            // A normalizer that throws is our bug: its delivery waits for the mended one, the others go on.
            return (Dead(message, FailureText.Of(exception)), null);
        }
    }

    private static async Task<(List<AcceptedEvent> Fresh, Dictionary<Identifier, string> Known)> StoreAsync(
        NpgsqlConnection connection, List<AcceptedEvent> accepted, List<TurnResult> turns, CancellationToken cancellationToken)
    {
        if (accepted.Count == 0)
            return (accepted, []);

        // The first of a key is the event, also within the batch.
        var firsts = new Dictionary<(string Workspace, string Key), AcceptedEvent>();
        foreach (var one in accepted)
            firsts.TryAdd(one.Name, one);
        var (stored, known) = await InsertAsync(connection, [.. firsts.Values], cancellationToken);

        var first = firsts.ToDictionary(pair => pair.Key, pair => pair.Value.Event.EventId);
        var repeated = firsts.Values.Where(one => !stored.Contains(one.Event.EventId)).ToList();
        if (repeated.Count > 0)
            await FindFirstAsync(connection, repeated, first, cancellationToken);

        var fresh = new List<AcceptedEvent>(accepted.Count);
        foreach (var one in accepted)
        {
            if (stored.Contains(one.Event.EventId))
                fresh.Add(one);
            else
                turns.Add(Duplicate(one, first[one.Name]));
        }

        return (fresh, known);
    }

    // What is replayed joins those of whom customers are told, after the batch's own, which it may be a repeat of.
    private static async Task<ReplayedEvents> ReplayAsync(
        NpgsqlConnection connection,
        List<AcceptedEvent> replayed,
        List<AcceptedEvent> told,
        Dictionary<Identifier, string> known,
        List<TurnResult> turns,
        CancellationToken cancellationToken)
    {
        var replays = await ReplayedEvents.ReadAsync(connection, replayed.ConvertAll(one => one.Event.EventId), cancellationToken);
        var stored = replayed.ToLookup(one => replays.IsStored(one.Event.EventId));
        var (fresh, ofFresh) = await StoreAsync(connection, [.. stored[false]], turns, cancellationToken);
        var (kept, duplicateOf) = await replays.ReviseAsync(connection, [.. stored[true]], cancellationToken);
        foreach (var one in stored[true].Where(one => duplicateOf.ContainsKey(one.Event.EventId)))
            turns.Add(Duplicate(one, duplicateOf[one.Event.EventId]));

        told.AddRange(fresh);
        told.AddRange(kept);
        foreach (var (identifier, customer) in ofFresh.Concat(await IdentityIndex.FindAsync(connection, kept.ConvertAll(one => one.Event), cancellationToken)))
            known[identifier] = customer;
        return replays;
    }

    private static async Task<List<OutgoingMessage>> AddressAsync(
        NpgsqlConnection connection,
        List<AcceptedEvent> fresh,
        Dictionary<Identifier, string> known,
        ReplayedEvents? replays,
        List<TurnResult> turns,
        CancellationToken cancellationToken)
    {
        var messages = new List<OutgoingMessage>(fresh.Count);
        if (fresh.Count == 0)
            return messages;
        var identifications = await IdentityIndex.IdentifyAsync(connection, fresh.ConvertAll(one => one.Event), known, cancellationToken);
        foreach (var (one, identification) in fresh.Zip(identifications))
        {
            switch (identification)
            {
                case Identification.Customer customer:
                    var grain = GrainId.Of(one.Event.Workspace, GrainKind.Customer, customer.Key);
                    var wasTold = replays?.Tell(one.Event.EventId, grain.ToString()) ?? false;
                    Message received = new Message.EventReceived(customer.Match, one.Validation)
                    {
                        Event = one.Event,
                        ContextOnly = one.Kept.As == KeepAs.Context ? one.Kept.Reason : null,
                        Replay = one.Replay,
                        IsRepeat = one.Replay is null ? null : wasTold,
                    };

                    // A replay's delivery has an entry of its own in the queue's chain, so what it sends is a message of its own too.
                    messages.Add(new OutgoingMessage(
                        MailboxPartition.Of(grain), grain.Workspace, grain.ToString(), received.Name, one.Event.EventId,
                        JsonSerializer.SerializeToUtf8Bytes(received, CoreJson.Default.Message), one.Replay is null ? (one.Message.Id, received) : null));
                    if (one.Replay is not null)
                        turns.Add(Turn(one.Message, "replayed", one.Configuration, new IntakeDetail
                        {
                            Validation = one.Validation,
                            Changed = one.Changed is { Count: > 0 } ? one.Changed : null,
                            Revision = one.Event.Revision,
                        }));
                    break;
                case Identification.Ambiguous ambiguous:
                    turns.Add(Turn(
                        one.Message, "review", one.Configuration,
                        new IntakeDetail { Reason = "ambiguous_duplicate_match", Validation = one.Validation, Candidates = ambiguous.Keys },
                        new Effect.OpenReview(
                            $"event/{one.Event.EventId}", "ambiguous_duplicate_match",
                            $"The event's identifiers belong to {ambiguous.Keys.Count} different customers. Decide which one it is, or merge them.")));
                    break;
            }
        }

        return messages;
    }

    private static TurnResult Duplicate(AcceptedEvent one, Guid first) => Turn(one.Message, "duplicate", one.Configuration, new IntakeDetail
    {
        Reason = "An earlier event told the same.",
        DuplicateOf = first,
        Validation = one.Validation,
    });

    private static TurnResult Rejected(MailboxMessage message, string configuration, Validation validation)
    {
        var codes = string.Join(", ", validation.Faults.Select(fault => fault.Code).Distinct(StringComparer.Ordinal).Take(5));
        return Turn(
            message, "rejected", configuration, new IntakeDetail { Reason = codes, Validation = validation },
            new Effect.OpenReview(
                $"event/{message.EventId}", "invalid_payload",
                $"The delivery breaks the contract ({codes}). Correct it at the source or in the map, then send it again."));
    }

    private static TurnResult Turn(MailboxMessage message, string outcome, string configuration, IntakeDetail detail, params Effect[] effects)
    {
        var replay = ReplayedDelivery.Of(message);
        return new()
        {
            Message = message,
            EventId = message.EventId,
            Outcome = outcome,
            Configuration = configuration,
            Detail = JsonSerializer.SerializeToUtf8Bytes(detail with { Replay = replay }, IntakeJson.Default.IntakeDetail),

            // What was a question when the delivery came the first time is none any more.
            Effects = replay is null || outcome is "rejected" or "review" or "dead_lettered" or "purged"
                ? effects
                : [new Effect.CloseReview($"event/{message.EventId}", "replayed")],
        };
    }

    private static TurnResult Dead(MailboxMessage message, string reason) =>
        Turn(message, "dead_lettered", "", new IntakeDetail { Reason = reason }) with { Failure = reason };

    // Stores the events and, in the same round trip, asks whose they are.
    private static async Task<(HashSet<Guid> Stored, Dictionary<Identifier, string> Known)> InsertAsync(
        NpgsqlConnection connection, List<AcceptedEvent> events, CancellationToken cancellationToken)
    {
        events.Sort(static (one, other) => string.CompareOrdinal(one.Event.Workspace, other.Event.Workspace) is var order and not 0
            ? order
            : string.CompareOrdinal(one.Event.IdempotencyKey, other.Event.IdempotencyKey));
        await using var batch = new NpgsqlBatch(connection);
        var store = new NpgsqlBatchCommand(IntakeSql.Store);
        store.Parameters
            .Uuids(events.ConvertAll(one => (Guid?)one.Event.EventId))
            .Texts(events.ConvertAll(one => one.Event.Workspace))
            .Texts(events.ConvertAll(one => one.Event.IdempotencyKey))
            .Texts(events.ConvertAll(one => one.Event.EventType))
            .Instants(events.ConvertAll(one => one.Event.OccurredAt))
            .Utf8(events.ConvertAll(one => (byte[]?)one.Body));
        batch.BatchCommands.Add(store);
        batch.BatchCommands.Add(IdentityIndex.Find(events.Select(one => one.Event)));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var stored = new HashSet<Guid>(events.Count);
        while (await reader.ReadAsync(cancellationToken))
            stored.Add(reader.GetGuid(0));
        await reader.NextResultAsync(cancellationToken);
        return (stored, await IdentityIndex.ReadAsync(reader, cancellationToken));
    }

    private static async Task FindFirstAsync(
        NpgsqlConnection connection, List<AcceptedEvent> repeated, Dictionary<(string Workspace, string Key), Guid> first, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(IntakeSql.FindFirst, connection);
        command.Parameters
            .Texts(repeated.ConvertAll(one => one.Event.Workspace))
            .Texts(repeated.ConvertAll(one => one.Event.IdempotencyKey));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            first[(reader.GetString(0), reader.GetString(1))] = reader.GetGuid(2);
    }
}
