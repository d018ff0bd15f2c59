using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;
using CrmGrains.Intake.Drift;
using CrmGrains.Intake.Pull;
using CrmGrains.Intake.Replays;
using CrmGrains.Intake.Silence;
using CrmGrains.Intake.Sources;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Turns;

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
        var replayed = new List<Accepted>();
        var selection = new Selection();
        var judged = new Judged[batch.Messages.Count];
        Cores.ForEach(judged.Length, judged.Length, i => judged[i] = Judge(batch.Messages[i], batch, headers, drift));
        await PullRequests.AskAsync(batch.Transaction.Connection, batch.Messages, judged, cancellationToken);
        foreach (var (turn, events, split) in judged)
        {
            if (turn is not null)
                turns.Add(turn);
            if (split is not null)
                splits.Add(split);
            foreach (var one in events)
            {
                if (selection.Of(one) is { } outcome)
                    End(turns, one, outcome, new IntakeDetail { Reason = one.Kept.Reason, Validation = one.Validation });
                else
                    (one.Replay is null ? accepted : replayed).Add(one);
            }
        }

        metrics.Normalized(batch.Messages.Count, time.GetElapsedTime(began));

        var connection = batch.Transaction.Connection;
        await drift.KeepAsync(batch, cancellationToken);
        var (told, known) = await EventStore.StoreAsync(connection, accepted, turns, cancellationToken);
        var replays = replayed.Count == 0 ? null : await EventStore.ReplayAsync(connection, replayed, told, known, turns, cancellationToken);
        var messages = await Addressing.AddressAsync(connection, told, known, replays, turns, cancellationToken);
        turns.AddRange(splits.Select(split => split.ToTurn()));
        await selection.NoteAsync(connection, cancellationToken);
        await ReplayCounts.WriteAsync(connection, turns, cancellationToken);
        var ordered = turns.OrderBy(turn => turn.Message.Id).ToList();
        return new BatchResult(ordered, [], messages, Committed: () =>
        {
            foreach (var turn in ordered)
                metrics.Decided(turn.Message.Workspace, turn.Outcome);
            metrics.Accepted(messages.Where(message => replays?.Has(message.EventId) != true));
            selection.Count(metrics);
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

        if (message.Kind == ReplayedDelivery.Kind && body.Length == 0)
            return Judged.As(Turn(message, "purged", "", new IntakeDetail { Reason = "The delivery's body is no longer kept." }));

        if (workspaces.Find(message.Workspace) is not { } workspace || !workspace.Sources.TryGetValue(message.Source ?? "", out var source))
            return Judged.As(Dead(message, $"Source {message.Workspace}/{message.Source} has no configuration here. Restore it, then retry."));

        try
        {
            var delivery = headers.AddTo(new RawDelivery(id, receivedAt, body));
            if (drift.Look(message, workspace.Name, source, delivery) is { } held)
                return Judged.As(Turn(message, "held", workspace.Hash, held));
            var events = SourceFormats.For(source.Format).Normalize(delivery, source, workspace);
            if (events.Count > 1)
                return Split.Of(message, events, source, workspace);
            return events[0] switch
            {
                Normalized.Event normalized => new Judged(null, [Accepted.Of(message, normalized, source, workspace)]),
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

    // What doesn't reach a customer is an entry of the queue's own chain; of several in one delivery, a line of the delivery's entry.
    internal static void End(List<TurnResult> turns, Accepted one, string outcome, IntakeDetail detail, params Effect[] effects)
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
    internal static TurnResult Turn(MailboxMessage message, string outcome, string configuration, IntakeDetail detail, params Effect[] effects)
    {
        var replay = ReplayedDelivery.Of(message);
        return new()
        {
            Message = message,
            EventId = message.EventId,
            Outcome = outcome,
            Configuration = configuration,
            Detail = JsonSerializer.SerializeToUtf8Bytes(replay is null ? detail : detail with { Replay = replay }, IntakeJson.Default.IntakeDetail),
            Effects = replay is null || IsQuestion(outcome) ? effects : [.. effects, Settled(message.EventId)],
        };
    }

    /// <summary>Whether a person has to look at what ended so, or nothing was found out.</summary>
    internal static bool IsQuestion(string outcome) => outcome is "rejected" or "review" or "dead_lettered" or "purged" or "held";

    /// <summary>What was a question when the delivery came the first time is none after a replay.</summary>
    internal static Effect Settled(Guid? eventId) => new Effect.CloseReview($"event/{eventId}", "replayed");

    private static TurnResult Dead(MailboxMessage message, string reason) =>
        Turn(message, "dead_lettered", "", new IntakeDetail { Reason = reason }) with { Failure = reason };
}
