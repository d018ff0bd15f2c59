using Npgsql;

namespace CrmGrains.Host.Reviews;

/// <summary>Events that went nowhere for want of something that a person can mend: an approval replays them.</summary>
internal sealed class ReplayMatter(EventReplays replays) : IReviewMatter
{
    private static readonly HashSet<string> Reasons = new(StringComparer.Ordinal)
    {
        "invalid_payload", "routing_tier_invalid", "email_missing", "too_many_proposals",
    };

    public bool Takes(ReviewItem item) => Reasons.Contains(item.Reason) && item.EventId is not null;

    public IReadOnlyDictionary<string, string> AnswersTo(ReviewRow item) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Verb.Approve] = "The event is replayed under the configuration of now; what is still wrong is an item of its own.",
        [Verb.Reject] = "The event stays undone.",
        [Verb.Resolve] = "It was settled in another way; nothing is done.",
    };

    public Task<long?> PrepareAsync(ReviewItem item, string by, CancellationToken cancellationToken) => replays.PreviewAsync(item, by, cancellationToken);

    public Task<Deed> DoAsync(
        NpgsqlConnection connection, ReviewRow item, IReadOnlyList<string> by, long? prepared, CancellationToken cancellationToken) =>
        item.Answer == Answers.Approved ? EventReplays.StartAsync(connection, prepared, by[^1], cancellationToken) : Task.FromResult(Deed.Nothing);
}
