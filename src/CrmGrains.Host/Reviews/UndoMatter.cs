using System.Text.Json;
using CrmGrains.Host.Undo;
using CrmGrains.Runtime.Silos;
using Npgsql;

namespace CrmGrains.Host.Reviews;

/// <summary>Plans to take back what the system did: an approval carries them out.</summary>
internal sealed class UndoMatter(Undos undos, Wakeups wakeups) : IReviewMatter
{
    private const string Prefix = "undo/";

    public bool Takes(ReviewItem item) => item.Reason == "undo" && PlanOf(item) is not null;

    public IReadOnlyDictionary<string, string> AnswersTo(ReviewRow item) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Verb.Approve] = "What is untouched since is archived or restored in the CRM, the newest first; the rest of the plan stays as it is.",
        [Verb.Reject] = "Nothing is taken back.",
    };

    public async Task<JsonElement?> DetailAsync(NpgsqlConnection connection, ReviewRow item, CancellationToken cancellationToken) =>
        PlanOf(item) is { } plan && await undos.FindAsync(plan, item.Workspace, cancellationToken) is { } undo
            ? JsonSerializer.SerializeToElement(undo, UndoJson.Default.UndoView)
            : null;

    public async Task<Deed> DoAsync(
        NpgsqlConnection connection, ReviewRow item, IReadOnlyList<string> by, long? prepared, CancellationToken cancellationToken) =>
        PlanOf(item) is { } plan && await Undos.CarryOutAsync(connection, plan, item.Answer == Answers.Approved, by[^1], cancellationToken)
            ? new Deed(Problem: null, wakeups.MailboxesFilled)
            : new Deed(ReviewRefusals.NotNow("answered", "The plan was answered before."));

    private static Guid? PlanOf(ReviewItem item) =>
        item.Key.StartsWith(Prefix, StringComparison.Ordinal) && Guid.TryParse(item.Key.AsSpan(Prefix.Length), out var plan) ? plan : null;
}
