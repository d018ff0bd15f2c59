using System.Text.Json;
using Npgsql;

namespace CrmGrains.Host.Reviews;

/// <summary>What items of one kind are about: which answers they take, and what these do.</summary>
internal interface IReviewMatter
{
    /// <summary>Whether the item is of this kind; the first kind that says so has it.</summary>
    bool Takes(ReviewItem item);

    /// <summary>What each answer does, in words, by verb. What isn't named isn't possible.</summary>
    IReadOnlyDictionary<string, string> AnswersTo(ReviewRow item);

    /// <summary>What else a person must see, as JSON; null where the item says it all.</summary>
    Task<JsonElement?> DetailAsync(NpgsqlConnection connection, ReviewRow item, CancellationToken cancellationToken) => Task.FromResult<JsonElement?>(null);

    /// <summary>What has to be ready before an approval's transaction begins, such as a replay's preview. It changes nothing by itself.</summary>
    /// <returns>Handed to <see cref="DoAsync"/>.</returns>
    Task<long?> PrepareAsync(ReviewItem item, string by, CancellationToken cancellationToken) => Task.FromResult<long?>(null);

    /// <summary>Takes locks that must be taken before the item's, as batches take them.</summary>
    Task LockAsync(NpgsqlConnection connection, ReviewItem item, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Carries an answer out that closes the item, in its transaction.</summary>
    /// <param name="connection">In the transaction.</param>
    /// <param name="item">As it is written by it.</param>
    /// <param name="by">Who answered, the last of several who had to.</param>
    /// <param name="prepared">From <see cref="PrepareAsync"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<Deed> DoAsync(NpgsqlConnection connection, ReviewRow item, IReadOnlyList<string> by, long? prepared, CancellationToken cancellationToken);
}

/// <summary>What carrying an answer out came to.</summary>
/// <param name="Problem">Why it can't be; then the transaction is rolled back.</param>
/// <param name="Committed">Called after the commit.</param>
internal sealed record Deed(ReviewProblem? Problem, Action? Committed = null)
{
    public static Deed Nothing { get; } = new(Problem: null);
}
