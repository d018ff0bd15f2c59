using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Intake.Drift;
using CrmGrains.Intake.Identity;
using CrmGrains.Intake.Pull;
using CrmGrains.Intake.Silence;
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
public sealed class IntakeTurns(
    IWorkspaces workspaces, DriftSentinel sentinel, SourceArrivals arrivals, IntakeMetrics metrics, TimeProvider time) : ITurns
{
    private const string Conflicted = "delivery_conflicted";

    /// <inheritdoc/>
    public string PartitionKind => Runtime.Mailboxes.PartitionKind.IntakeQueue;

    /// <inheritdoc/>
    public async Task<BatchResult> RunAsync(TurnBatch batch, CancellationToken cancellationToken)
    {
        var drift = await sentinel.BeginAsync(batch, cancellationToken);
        var began = time.GetTimestamp();
        var headers = await DeliveryHeaders.ReadAsync(batch.Transaction.Connection, batch.Messages, workspaces, cancellationToken);
        var turns = new List<TurnResult>();
        var splits = new List<Split>();
        var accepted = new List<Accepted>(batch.Messages.Count);
        var judged = new Judged[batch.Messages.Count];
        Cores.ForEach(judged.Length, judged.Length, i => judged[i] = Judge(batch.Messages[i], batch, headers, drift));
        await PullRequests.AskAsync(batch.Transaction.Connection, batch.Messages, judged, cancellationToken);
        foreach (var (turn, events, split) in judged)
        {
            if (turn is not null)
                turns.Add(turn);
            if (split is not null)
                splits.Add(split);
            accepted.AddRange(events);
        }

        metrics.Normalized(batch.Messages.Count, time.GetElapsedTime(began));

        await drift.KeepAsync(batch, cancellationToken);
        var (fresh, known) = await StoreAsync(batch.Transaction.Connection, accepted, turns, cancellationToken);
        var messages = await AddressAsync(batch.Transaction.Connection, fresh, known, turns, cancellationToken);
        turns.AddRange(splits.Select(split => split.ToTurn()));
        var ordered = turns.OrderBy(turn => turn.Message.Id).ToList();
        return new BatchResult(ordered, [], messages, Committed: () =>
        {
            foreach (var turn in ordered)
                metrics.Decided(turn.Message.Workspace, turn.Outcome);
            metrics.Accepted(messages);
            arrivals.Heard(batch.Messages);
        });
    }

    // A turn of its own, where it doesn't become an event; or several events, each with a fate of its own.
    private Judged Judge(MailboxMessage message, TurnBatch batch, DeliveryHeaders headers, DriftBatch drift)
    {
        if (batch.Poisoned.TryGetValue(message.Id, out var poison))
            return Judged.As(Dead(message, poison));

        if (WatchNotice.Read(message) is { } notice)
            return Judged.As(Turn(message, notice.Outcome, "", new IntakeDetail { Reason = notice.Summary ?? notice.Resolution }, notice.ToEffect()));

        if (message.Kind == Conflicted)
        {
            var conflict = JsonSerializer.Deserialize(message.Body, IntakeJson.Default.ConflictedDelivery);
            return Judged.As(Turn(message, "conflict", "", new IntakeDetail
            {
                Reason = "A delivery of the same id came with another body. The first one stands.",
                Conflict = conflict,
            }));
        }

        if (message is not { EventId: { } id, Event: { } body, ReceivedAt: { } receivedAt })
            return Judged.As(Dead(message, $"Delivery {message.EventId} isn't stored."));

        if (workspaces.Find(message.Workspace) is not { } workspace || !workspace.Sources.TryGetValue(message.Source ?? "", out var source))
            return Judged.As(Dead(message, $"Source {message.Workspace}/{message.Source} has no configuration here. Restore it, then retry."));

        try
        {
            var delivery = headers.AddTo(new RawDelivery(id, receivedAt, body));
            if (drift.Look(message, workspace.Name, source, delivery) is { } held)
                return Judged.As(Turn(message, "held", workspace.Hash, held));
            var events = SourceFormats.For(source.Format).Normalize(delivery, source, workspace);
            if (events.Count > 1)
                return Split.Of(message, events, workspace);
            return events[0] switch
            {
                Normalized.Event normalized => new Judged(null, [Accepted.Of(message, normalized, workspace)]),
                Normalized.Rejected rejected => Judged.As(Rejected(message, workspace.Hash, rejected.Validation)),
                Normalized.Ping ping => Judged.As(Turn(message, "fetching", workspace.Hash, new IntakeDetail
                {
                    Reason = "A call to fetch: what is fetched are deliveries of their own.",
                })) with { Ping = ping },
                Normalized.Ignored ignored => Judged.As(Turn(message, "ignored", workspace.Hash, new IntakeDetail { Reason = ignored.Reason })),
                var other => throw new InvalidOperationException($"Nothing is known of {other.GetType().Name}."),
            };
        }
        catch (Exception exception)
        {
            // A normalizer that throws is our bug: its delivery waits for the mended one, the others go on.
            return Judged.As(Dead(message, FailureText.Of(exception)));
        }
    }

    private static async Task<(List<Accepted> Fresh, Dictionary<Identifier, string> Known)> StoreAsync(
        NpgsqlConnection connection, List<Accepted> accepted, List<TurnResult> turns, CancellationToken cancellationToken)
    {
        if (accepted.Count == 0)
            return (accepted, []);

        // The first of a key is the event, also within the batch.
        var firsts = new Dictionary<(string Workspace, string Key), Accepted>();
        foreach (var one in accepted)
            firsts.TryAdd(one.Name, one);
        var (stored, known) = await InsertAsync(connection, [.. firsts.Values], cancellationToken);

        var first = firsts.ToDictionary(pair => pair.Key, pair => pair.Value.Event.EventId);
        var repeated = firsts.Values.Where(one => !stored.Contains(one.Event.EventId)).ToList();
        if (repeated.Count > 0)
            await FindFirstAsync(connection, repeated, first, cancellationToken);

        var fresh = new List<Accepted>(accepted.Count);
        foreach (var one in accepted)
        {
            if (stored.Contains(one.Event.EventId))
                fresh.Add(one);
            else
                End(turns, one, "duplicate", new IntakeDetail
                {
                    Reason = "An earlier event told the same.",
                    DuplicateOf = first[one.Name],
                    Validation = one.Validation,
                });
        }

        return (fresh, known);
    }

    private static async Task<List<OutgoingMessage>> AddressAsync(
        NpgsqlConnection connection,
        List<Accepted> fresh,
        Dictionary<Identifier, string> known,
        List<TurnResult> turns,
        CancellationToken cancellationToken)
    {
        var messages = new List<OutgoingMessage>(fresh.Count);
        if (fresh.Count == 0)
            return messages;
        var merging = fresh.Where(one => CrmMerges.IsMerge(one.Event)).ToList();
        var unclear = new Dictionary<Guid, Identification>();
        if (merging.Count > 0)
            known = await FollowMergesAsync(connection, fresh, merging, messages, unclear, cancellationToken);

        var identifications = await IdentityIndex.IdentifyAsync(
            connection, fresh.ConvertAll(one => (one.Event.EventId, one.Evidence)), known, cancellationToken);
        foreach (var (one, identification) in fresh.Zip(identifications))
        {
            switch (unclear.GetValueOrDefault(one.Event.EventId, identification))
            {
                case Identification.Customer customer:
                    var grain = GrainId.Of(one.Event.Workspace, GrainKind.Customer, customer.Key);
                    Message received = new Message.EventReceived(customer.Match, one.Validation) { Event = one.Event };
                    messages.Add(new OutgoingMessage(
                        MailboxPartition.Of(grain), grain.Workspace, grain.ToString(), received.Name, one.Event.EventId,
                        JsonSerializer.SerializeToUtf8Bytes(received, CoreJson.Default.Message), one.Split is null ? (one.Message.Id, received) : null));
                    break;
                case Identification.Ambiguous ambiguous:
                    await ReviewAsync(connection, turns, one, ambiguous, cancellationToken);
                    break;
                case Identification.Nobody:
                    End(turns, one, "noted", new IntakeDetail { Reason = "It names no customer.", Validation = one.Validation });
                    break;
            }
        }

        return messages;
    }

    // What the CRM has merged is one customer here too, before anybody is looked up. Whose a record is may be unclear: that is a question.
    private static async Task<Dictionary<Identifier, string>> FollowMergesAsync(
        NpgsqlConnection connection,
        List<Accepted> fresh,
        List<Accepted> merging,
        List<OutgoingMessage> messages,
        Dictionary<Guid, Identification> unclear,
        CancellationToken cancellationToken)
    {
        await CustomerMerges.LockAsync(connection, fresh.Select(one => one.Event.Workspace), cancellationToken);
        foreach (var one in merging)
        {
            var followed = await CrmMerges.FollowAsync(connection, one.Event, one.Workspace, cancellationToken);
            messages.AddRange(followed.Messages);
            if (followed.Unclear is { } ambiguous)
                unclear[one.Event.EventId] = ambiguous;
        }

        return await IdentityIndex.FindAgainAsync(connection, fresh.SelectMany(one => one.Evidence), cancellationToken);
    }

    private static async Task ReviewAsync(
        NpgsqlConnection connection, List<TurnResult> turns, Accepted one, Identification.Ambiguous ambiguous, CancellationToken cancellationToken)
    {
        var proposal = await MergeProposal.OfAsync(connection, one.Event.Workspace, ambiguous.Candidates, cancellationToken);
        End(
            turns, one, "review",
            new IntakeDetail
            {
                Reason = "ambiguous_duplicate_match", Validation = one.Validation,
                Candidates = [.. ambiguous.Candidates.Keys.Order(StringComparer.Ordinal)], Proposal = proposal,
            },
            new Effect.OpenReview(
                $"event/{one.Event.EventId}", "ambiguous_duplicate_match",
                $"The event's identifiers belong to {ambiguous.Candidates.Count} different customers. {proposal.Summary} Merge them, or correct the event; then replay it."));
    }

    // What doesn't reach a customer is an entry of the queue's own chain; of several in one delivery, a line of the delivery's entry.
    private static void End(List<TurnResult> turns, Accepted one, string outcome, IntakeDetail detail, params Effect[] effects)
    {
        if (one.Split is { } split)
            split.End(one, outcome, detail, effects);
        else
            turns.Add(Turn(one.Message, outcome, one.Configuration, detail, effects));
    }

    private static TurnResult Rejected(MailboxMessage message, string configuration, Validation validation)
    {
        var codes = CodesOf(validation);
        return Turn(
            message, "rejected", configuration, new IntakeDetail { Reason = codes, Validation = validation },
            InvalidPayload(message.EventId, codes));
    }

    /// <summary>The review item of a delivery, or of an event in it, that breaks the contract.</summary>
    internal static Effect InvalidPayload(Guid? eventId, string codes) => new Effect.OpenReview(
        $"event/{eventId}", "invalid_payload",
        $"The delivery breaks the contract ({codes}). Correct it at the source or in the map, then send it again.");

    /// <summary>What is wrong, in a few words.</summary>
    internal static string CodesOf(Validation validation) =>
        string.Join(", ", validation.Faults.Select(fault => fault.Code).Distinct(StringComparer.Ordinal).Take(5));

    /// <summary>An entry of the queue's own chain.</summary>
    internal static TurnResult Turn(MailboxMessage message, string outcome, string configuration, IntakeDetail detail, params Effect[] effects) => new()
    {
        Message = message,
        EventId = message.EventId,
        Outcome = outcome,
        Configuration = configuration,
        Detail = JsonSerializer.SerializeToUtf8Bytes(detail, IntakeJson.Default.IntakeDetail),
        Effects = effects,
    };

    private static TurnResult Dead(MailboxMessage message, string reason) =>
        Turn(message, "dead_lettered", "", new IntakeDetail { Reason = reason }) with { Failure = reason };

    // Stores the events and, in the same round trip, asks whose they are.
    private static async Task<(HashSet<Guid> Stored, Dictionary<Identifier, string> Known)> InsertAsync(
        NpgsqlConnection connection, List<Accepted> events, CancellationToken cancellationToken)
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
            .Utf8(events.ConvertAll(one => (byte[]?)one.Body))
            .Uuids(events.ConvertAll(one => one.Split is null ? null : one.Message.EventId));
        batch.BatchCommands.Add(store);
        batch.BatchCommands.Add(IdentityIndex.Find(events.SelectMany(one => one.Evidence).Select(one => one.Identifier)));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var stored = new HashSet<Guid>(events.Count);
        while (await reader.ReadAsync(cancellationToken))
            stored.Add(reader.GetGuid(0));
        await reader.NextResultAsync(cancellationToken);
        return (stored, await IdentityIndex.ReadAsync(reader, cancellationToken));
    }

    private static async Task FindFirstAsync(
        NpgsqlConnection connection, List<Accepted> repeated, Dictionary<(string Workspace, string Key), Guid> first, CancellationToken cancellationToken)
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
