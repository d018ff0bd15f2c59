using System.Text.Json;
using CrmGrains.Core.Business;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Intake.Identity;
using CrmGrains.Intake.Replays;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Turns;
using Npgsql;

namespace CrmGrains.Intake.Loop;

/// <summary>Finds the customers of a batch's events and tells them, in the batch's transaction; of those about nobody, the business.</summary>
internal static class Addressing
{
    // Nothing was matched, and nothing can be mistaken.
    private static readonly IdentityMatch ToNobody = new("nobody", 1, []);

    /// <summary>The messages to customers; what reaches none ends here.</summary>
    public static async Task<List<OutgoingMessage>> AddressAsync(
        NpgsqlConnection connection,
        List<Accepted> fresh,
        Dictionary<Identifier, string> known,
        ReplayedEvents? replays,
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
                case Identification.Ambiguous ambiguous:
                    await ReviewAsync(connection, turns, one, ambiguous, cancellationToken);
                    break;
                case var other when GrainOf(one, other) is ({ } grain, { } match):
                    messages.Add(Told(one, grain, match, replays, turns));
                    break;
                default:
                    IntakeTurns.End(turns, one, "noted", new IntakeDetail { Reason = "It names no customer.", Validation = one.Validation });
                    break;
            }
        }

        return messages;
    }

    /// <summary>Who is told of an event: its customer, or the business where it is about nobody and a playbook is for it; null: no one is.</summary>
    public static (GrainId Grain, IdentityMatch Match)? GrainOf(Accepted one, Identification identification) => identification switch
    {
        Identification.Customer customer => (GrainId.Of(one.Event.Workspace, GrainKind.Customer, customer.Key), customer.Match),
        Identification.Nobody when one.Workspace.HasPlaybookFor(one.Event.EventType) => (BusinessGrain.Of(one.Event), ToNobody),
        _ => null,
    };

    private static OutgoingMessage Told(Accepted one, GrainId grain, IdentityMatch match, ReplayedEvents? replays, List<TurnResult> turns)
    {
        if (one.Replay is not null)
            IntakeTurns.End(turns, one, "replayed", new IntakeDetail
            {
                Validation = one.Validation,
                Changed = one.Changed is { Count: > 0 } ? one.Changed : null,
                Revision = one.Event.Revision,
            });
        return ToGrain(one, grain, match, replays);
    }

    // A part has an entry only in its delivery's; a replay has one of its own in the queue's chain: what they send is a message of its own too.
    private static OutgoingMessage ToGrain(Accepted one, GrainId grain, IdentityMatch match, ReplayedEvents? replays)
    {
        var wasTold = replays?.Tell(one.Event.EventId, grain.ToString()) ?? false;
        Message received = new Message.EventReceived(match, one.Validation)
        {
            Event = one.Event,
            ContextOnly = one.Kept.As == KeepAs.Context ? one.Kept.Reason : null,
            Replay = one.Replay,
            IsRepeat = one.Replay is null ? null : wasTold,
        };
        return new OutgoingMessage(
            MailboxPartition.Of(grain), grain.Workspace, grain.ToString(), received.Name, one.Event.EventId,
            JsonSerializer.SerializeToUtf8Bytes(received, CoreJson.Default.Message),
            one.Split is null && one.Replay is null ? (one.Message.Id, received) : null);
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
        IntakeTurns.End(
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
}
