using System.Text.Json;
using CrmGrains.Host.Autonomy;
using CrmGrains.Runtime.Silos;
using Npgsql;

namespace CrmGrains.Host.Reviews;

/// <summary>Kinds of actions that may go without a person from now on: a person signs.</summary>
internal sealed class AutonomyMatter(Wakeups wakeups) : IReviewMatter
{
    public bool Takes(ReviewItem item) => item.Reason == "autonomy" && AutonomyBook.ActionOf(item.Key) is not null;

    public IReadOnlyDictionary<string, string> AnswersTo(ReviewRow item) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Verb.Approve] = "Actions of this kind go without a person where every other gate passes. It ends at once when it goes wrong.",
        [Verb.Reject] = "A person is asked as before; it isn't proposed again for a month.",
    };

    public async Task<JsonElement?> DetailAsync(NpgsqlConnection connection, ReviewRow item, CancellationToken cancellationToken) =>
        JsonSerializer.SerializeToElement(await AutonomyBook.TallyAsync(connection, item.Id, cancellationToken), AutonomyJson.Default.ActionTally);

    public async Task<Deed> DoAsync(
        NpgsqlConnection connection, ReviewRow item, IReadOnlyList<string> by, long? prepared, CancellationToken cancellationToken)
    {
        if (item.Answer != Answers.Approved)
            return Deed.Nothing;
        await AutonomyBook.SignAsync(connection, item.Workspace, await AutonomyBook.TallyAsync(connection, item.Id, cancellationToken), by[^1], cancellationToken);
        return new Deed(Problem: null, wakeups.MailboxesFilled);
    }
}
