using System.Text.Json.Serialization;
using CrmGrains.Host.Access;
using CrmGrains.Host.Serving;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace CrmGrains.Host.Reviews;

/// <summary><c>GET /v1/reviews</c>: what waits for a person, oldest first.</summary>
internal static class ReviewsEndpoint
{
    private const string Sql = """
        SELECT id, workspace, reason, summary, grain, event_id AS EventId, opened_at AS OpenedAt, closed_at AS ClosedAt, resolution
        FROM review
        WHERE (@workspace::text IS NULL OR workspace = @workspace)
          AND (@reason::text IS NULL OR reason = @reason)
          AND (@all OR closed_at IS NULL)
          AND (@after::uuid IS NULL OR (opened_at, id) > (SELECT r.opened_at, r.id FROM review r WHERE r.id = @after AND (@workspace::text IS NULL OR r.workspace = @workspace)))
        ORDER BY opened_at, id
        LIMIT @limit
        """;

    public static void MapReviews(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/reviews", ListAsync)
        .Needs(Scope.ReviewsRead)
        .WithName("ListReviews")
        .WithSummary("Items that wait for a person, oldest first; with status=all those that are closed too. Follow them with after=<the last id>.");

    private static async Task<Results<JsonHttpResult<ReviewPage>, ProblemHttpResult>> ListAsync(
        Caller caller,
        NpgsqlDataSource database,
        CancellationToken cancellationToken,
        string? workspace = null,
        string? reason = null,
        string status = "open",
        Guid? after = null,
        int limit = 100)
    {
        var (items, problem) = await OpenItems.ReadAsync<ReviewItem>(
            database, Sql, new { workspace = caller.Narrow(workspace), reason }, status, after, limit, cancellationToken);
        if (problem is not null)
            return problem;
        return TypedResults.Json(new ReviewPage(items), ReviewJson.Default.ReviewPage);
    }
}

internal sealed record ReviewPage(IReadOnlyList<ReviewItem> Items);

internal sealed record ReviewItem
{
    public Guid Id { get; init; }

    public string Workspace { get; init; } = "";

    public string Reason { get; init; } = "";

    public string Summary { get; init; } = "";

    public string Grain { get; init; } = "";

    /// <summary>The event behind it; its raw delivery is in its trace.</summary>
    public Guid? EventId { get; init; }

    public DateTime OpenedAt { get; init; }

    public DateTime? ClosedAt { get; init; }

    public string? Resolution { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReviewPage))]
internal sealed partial class ReviewJson : JsonSerializerContext;
