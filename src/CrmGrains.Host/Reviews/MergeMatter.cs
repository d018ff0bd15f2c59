using System.Text.Json;
using CrmGrains.Intake.Identity;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Silos;
using Npgsql;

namespace CrmGrains.Host.Reviews;

/// <summary>Events whose identifiers belong to different customers: an approval merges them as proposed and replays the event.</summary>
internal sealed class MergeMatter(EventReplays replays, Wakeups wakeups) : IReviewMatter
{
    private const string Reason = "ambiguous_duplicate_match";

    public bool Takes(ReviewItem item) => item.Reason == Reason && item.EventId is not null && item.Key.StartsWith("event/", StringComparison.Ordinal);

    public IReadOnlyDictionary<string, string> AnswersTo(ReviewRow item) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Verb.Approve] = "The customers are merged as proposed, which can be undone, and the event is replayed for the one who stays.",
        [Verb.Reject] = "The customers stay apart and the event stays undone.",
        [Verb.Resolve] = "It was settled in another way; nothing is done.",
    };

    public async Task<JsonElement?> DetailAsync(NpgsqlConnection connection, ReviewRow item, CancellationToken cancellationToken) =>
        await FindAsync(connection, item, cancellationToken) is { } proposed ? proposed.Document : null;

    public Task<long?> PrepareAsync(ReviewItem item, string by, CancellationToken cancellationToken) => replays.PreviewAsync(item, by, cancellationToken);

    public Task LockAsync(NpgsqlConnection connection, ReviewItem item, CancellationToken cancellationToken) =>
        CustomerMerges.LockAsync(connection, [item.Workspace], cancellationToken);

    public async Task<Deed> DoAsync(
        NpgsqlConnection connection, ReviewRow item, IReadOnlyList<string> by, long? prepared, CancellationToken cancellationToken)
    {
        if (item.Answer != Answers.Approved)
            return Deed.Nothing;
        if (await FindAsync(connection, item, cancellationToken) is not { } proposed)
            return new Deed(ReviewRefusals.NotNow("not_kept", "What was proposed isn't kept any more. Merge the customers by hand."));
        var messages = new List<OutgoingMessage>();
        foreach (var absorbed in proposed.Absorbed)
        {
            switch (await CustomerMerges.MergeAsync(
                connection, item.Workspace, absorbed, proposed.Survivor, "person", item.EventId, cancellationToken))
            {
                case MergeOutcome.Done done:
                    messages.Add(done.Message);
                    break;
                case MergeOutcome.Refused refused:
                    return new Deed(ReviewRefusals.NotNow(refused.Code, refused.Detail));
            }
        }

        await Mail.SendAsync(connection, messages, cancellationToken);
        var replayed = await EventReplays.StartAsync(connection, prepared, by[^1], cancellationToken);
        return replayed with { Committed = wakeups.MailboxesFilled };
    }

    private static async Task<ProposedMerges?> FindAsync(NpgsqlConnection connection, ReviewRow item, CancellationToken cancellationToken) =>
        item.EventId is { } eventId ? await ProposedMerges.FindAsync(connection, eventId, cancellationToken) : null;
}
