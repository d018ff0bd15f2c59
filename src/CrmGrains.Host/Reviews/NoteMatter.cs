using Npgsql;

namespace CrmGrains.Host.Reviews;

/// <summary>Whatever a person settles elsewhere, such as an owner who left: here it is only noted.</summary>
internal sealed class NoteMatter : IReviewMatter
{
    public bool Takes(ReviewItem item) => true;

    public IReadOnlyDictionary<string, string> AnswersTo(ReviewRow item) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Verb.Resolve] = "It is noted as settled; do what it asks for first.",
    };

    public Task<Deed> DoAsync(
        NpgsqlConnection connection, ReviewRow item, IReadOnlyList<string> by, long? prepared, CancellationToken cancellationToken) =>
        Task.FromResult(Deed.Nothing);
}
