using CrmGrains.Core.Actions;
using Dapper;
using Npgsql;

namespace CrmGrains.Host.Reviews;

/// <summary>
/// Takes answers: each in one transaction that holds the item's row, so that of two people at once one wins and the other is told. The same
/// person saying the same of the same version again is told that it was taken, for the first time's answer may have been lost on its way.
/// </summary>
internal sealed class ReviewDesk(NpgsqlDataSource database, IEnumerable<IReviewMatter> matters, ReviewMetrics metrics)
{
    private readonly IReadOnlyList<IReviewMatter> _matters = [.. matters];

    /// <summary>Takes one.</summary>
    /// <param name="id">The item.</param>
    /// <param name="verb">One of <see cref="Verb.All"/>.</param>
    /// <param name="answer">What is said.</param>
    /// <param name="by">Who says it: the name of the API key.</param>
    /// <param name="workspace">Where the item must be; null: anywhere.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<ReviewOutcome> AnswerAsync(
        Guid id, string verb, ReviewAnswer answer, string by, string? workspace, CancellationToken cancellationToken)
    {
        if (ReviewRules.FaultOf(verb, answer) is { } fault)
            return new ReviewOutcome.Refused(ReviewRefusals.Bad(fault));
        if (answer.Version is not { } version)
            return new ReviewOutcome.Refused(ReviewRefusals.NoVersion());

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (await ReadAsync(connection, ReviewSql.Get, id, workspace, cancellationToken) is not { } seen)
            return new ReviewOutcome.Refused(ReviewRefusals.Missing(id));
        var matter = MatterOf(seen);
        var isApproval = verb == Verb.Approve && !seen.IsClosed && seen.Version == version;
        var prepared = isApproval ? await matter.PrepareAsync(seen, by, cancellationToken) : null;

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (isApproval)
            await matter.LockAsync(connection, seen, cancellationToken);
        if (await ReadAsync(connection, ReviewSql.Lock, id, workspace, cancellationToken) is not { } row)
            return new ReviewOutcome.Refused(ReviewRefusals.Missing(id));
        if (row.IsClosed || row.Version != version)
            return await OvertakenAsync(connection, row, verb, answer, version, by, cancellationToken);
        if (IsAnswer(verb) && !matter.AnswersTo(row).ContainsKey(verb))
            return new ReviewOutcome.Refused(ReviewRefusals.NotPossible(verb, row.Reason));

        switch (ReviewRules.Decide(row, verb, answer, by))
        {
            case ReviewDecision.Refused refused:
                return new ReviewOutcome.Refused(refused.Problem);
            case ReviewDecision.Change change:
                await connection.ExecuteAsync(new CommandDefinition(ReviewSql.Write, ToParameters(change, by), cancellationToken: cancellationToken));
                var deed = change.Next.Answer is null
                    ? Deed.Nothing
                    : await matter.DoAsync(connection, change.Next, change.By, prepared, cancellationToken);
                if (deed.Problem is { } problem)
                    return new ReviewOutcome.Refused(problem);
                var taken = await ReadAsync(connection, ReviewSql.Get, id, workspace, cancellationToken) ?? change.Next;
                await transaction.CommitAsync(cancellationToken);
                deed.Committed?.Invoke();
                if (change.Next.Answer is { } said)
                    metrics.Answered(said, row.Now - row.OpenedAt);
                return new ReviewOutcome.Taken(taken);
            case var other:
                throw new InvalidOperationException($"Nothing is known of {other.GetType().Name}.");
        }
    }

    /// <summary>The kind that an item is of.</summary>
    public IReviewMatter MatterOf(ReviewItem item) => _matters.First(matter => matter.Takes(item));

    /// <summary>Whether a verb ends in an answer that the item's kind must know of; the others are the same for all kinds.</summary>
    public static bool IsAnswer(string verb) => verb is Verb.Approve or Verb.Edit or Verb.Reject or Verb.Resolve;

    /// <summary>One item; null where there is none.</summary>
    public static Task<ReviewRow?> ReadAsync(
        NpgsqlConnection connection, string sql, Guid id, string? workspace, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<ReviewRow>(new CommandDefinition(sql, new { id, workspace }, cancellationToken: cancellationToken));

    private static async Task<ReviewOutcome> OvertakenAsync(
        NpgsqlConnection connection, ReviewRow row, string verb, ReviewAnswer answer, int version, string by, CancellationToken cancellationToken)
    {
        IReadOnlyList<ReviewStep> since =
        [
            .. await connection.QueryAsync<ReviewStep>(new CommandDefinition(
                ReviewSql.StepsAfter, new { row.Id, version }, cancellationToken: cancellationToken)),
        ];
        return since is [var first, ..] && first.Version == version + 1 && first.By == by && first.Step == ReviewRules.StepOf(verb) && SaysTheSame(row, verb, answer, first)
            ? new ReviewOutcome.Taken(row)
            : new ReviewOutcome.Refused(ReviewRefusals.Overtaken(row, since));
    }

    private static bool SaysTheSame(ReviewRow row, string verb, ReviewAnswer answer, ReviewStep step) => verb == Verb.Edit
        ? row.ReadProposal() is { } proposal && row.ReadInstead() is { } instead
            && CommandEdits.Apply(proposal.Command, answer.Edits ?? [], At(row.OpenedAt)).Command is { } edited && CommandEdits.IsSame(edited, instead)
        : step.Text == ReviewRules.TextOf(verb, answer);

    private static DateTimeOffset At(DateTime utc) => new(utc);

    private static object ToParameters(ReviewDecision.Change change, string by) => new
    {
        change.Next.Id,
        change.Next.Priority,
        change.Next.SnoozedUntil,
        change.Next.Assignee,
        change.Next.Asked,
        change.Next.ApprovedBy,
        change.Next.Instead,
        change.Next.Answer,
        change.Next.AnsweredBy,
        change.Next.AnswerReason,
        by,
        step = change.Step,
        text = change.Text,
    };
}
