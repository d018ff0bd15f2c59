using CrmGrains.Host.Access;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace CrmGrains.Host.Reviews;

/// <summary><c>/v1/reviews</c>: what waits for a person, and what they answer.</summary>
internal static class ReviewsEndpoint
{
    private const int MaxLimit = 500;
    private const int MaxAnswers = 200;
    private const int MaxBodyBytes = 1024 * 1024;

    private static readonly IReadOnlyDictionary<string, string> Summaries = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Verb.Approve] = "Does what is proposed: the action, the merge, another try, or a replay; the item says which.",
        [Verb.Edit] = "Changes what is proposed, then does it.",
        [Verb.Reject] = "Doesn't do what is proposed, and says why.",
        [Verb.Resolve] = "Notes that an item was settled elsewhere.",
        [Verb.Ask] = "Puts a question back to somebody; the item waits for the reply.",
        [Verb.Reply] = "Replies to what was asked.",
        [Verb.Snooze] = "Puts the item away until a time.",
        [Verb.Assign] = "Gives the item to a person or a role, or to nobody.",
        [Verb.Escalate] = "Makes the item more urgent, and may give it to somebody.",
    };

    public static void MapReviews(this IEndpointRouteBuilder routes)
    {
        var reading = routes.MapGroup("/v1/reviews").Needs(Scope.ReviewsRead);
        reading.MapGet("/", ListAsync).WithName("ListReviews")
            .WithSummary("Items that wait for a person, the most urgent first. Follow them with after=<the last id>.");
        reading.MapGet("/{id:guid}", GetAsync).WithName("GetReview")
            .WithSummary("An item with what is proposed, what it rests on, what each answer does, and what happened to it.");

        var deciding = routes.MapGroup("/v1/reviews").Needs(Scope.ReviewsDecide).WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));
        deciding.MapPost("/bulk", BulkAsync).WithName("AnswerReviews").WithSummary("Takes up to 200 answers, each for itself; each has its own result.");
        foreach (var verb in Verb.All)
            deciding.MapPost($"/{{id:guid}}/{verb}", (Guid id, ReviewAnswer? answer, Caller caller, ReviewDesk desk, HttpContext context, CancellationToken cancellationToken) =>
                    AnswerAsync(id, verb, answer ?? new ReviewAnswer(), caller, desk, context.Request, cancellationToken))
                .WithName($"{char.ToUpperInvariant(verb[0])}{verb[1..]}Review").WithSummary(Summaries[verb]);
    }

    private static async Task<Results<JsonHttpResult<ReviewPage>, ProblemHttpResult>> ListAsync(
        Caller caller, NpgsqlDataSource database, [AsParameters] ReviewQuery query, CancellationToken cancellationToken)
    {
        var (status, sort, limit) = (query.Status ?? "open", query.Sort ?? "priority", query.Limit ?? 100);
        if (limit is < 1 or > MaxLimit || sort is not ("priority" or "age") || !ReviewSql.Statuses.ContainsKey(status))
            return TypedResults.Problem(
                statusCode: StatusCodes.Status400BadRequest, title: "Bad query",
                detail: $"limit is 1 to {MaxLimit}, sort is priority or age, status is one of {string.Join(", ", ReviewSql.Statuses.Keys)}.");
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var items = await connection.QueryAsync<ReviewItem>(new CommandDefinition(
            ReviewSql.List(status, isByAge: sort == "age"),
            new { workspace = caller.Narrow(query.Workspace), query.Reason, query.Action, query.Tier, query.Priority, query.Assignee, query.After, limit },
            cancellationToken: cancellationToken));
        return TypedResults.Json(new ReviewPage([.. items]), ReviewJson.Default.ReviewPage);
    }

    private static async Task<Results<JsonHttpResult<ReviewView>, ProblemHttpResult>> GetAsync(
        Guid id, Caller caller, ReviewViews views, HttpResponse response, CancellationToken cancellationToken)
    {
        if (await views.FindAsync(id, caller.Workspace, cancellationToken) is not { } view)
            return Problem(ReviewRefusals.Missing(id));
        response.Headers.ETag = $"\"{view.Item.Version}\"";
        return TypedResults.Json(view, ReviewJson.Default.ReviewView);
    }

    private static async Task<Results<JsonHttpResult<ReviewItem>, ProblemHttpResult>> AnswerAsync(
        Guid id, string verb, ReviewAnswer answer, Caller caller, ReviewDesk desk, HttpRequest request, CancellationToken cancellationToken)
    {
        var seen = answer with { Version = answer.Version ?? VersionOf(request.Headers.IfMatch.ToString()) };
        return await desk.AnswerAsync(id, verb, seen, caller.Name, caller.Workspace, cancellationToken) switch
        {
            ReviewOutcome.Taken taken => TypedResults.Json(taken.Item, ReviewJson.Default.ReviewItem),
            ReviewOutcome.Refused refused => Problem(refused.Problem),
            var other => throw new InvalidOperationException($"Nothing is known of {other.GetType().Name}."),
        };
    }

    private static async Task<Results<JsonHttpResult<BulkResult>, ProblemHttpResult>> BulkAsync(
        BulkRequest request, Caller caller, ReviewDesk desk, CancellationToken cancellationToken)
    {
        if (request.Answers is not { Count: > 0 and <= MaxAnswers } answers)
            return Problem(ReviewRefusals.Bad($"`answers` holds 1 to {MaxAnswers}."));
        var items = new List<BulkItem>(answers.Count);
        foreach (var answer in answers)
        {
            items.Add(await desk.AnswerAsync(answer.Id, answer.Answer ?? "", answer, caller.Name, caller.Workspace, cancellationToken) switch
            {
                ReviewOutcome.Taken taken => new BulkItem(answer.Id, StatusCodes.Status200OK, taken.Item, Problem: null),
                ReviewOutcome.Refused refused => new BulkItem(answer.Id, refused.Problem.Status, Item: null, refused.Problem),
                var other => throw new InvalidOperationException($"Nothing is known of {other.GetType().Name}."),
            });
        }

        return TypedResults.Json(new BulkResult(items), ReviewJson.Default.BulkResult);
    }

    private static ProblemHttpResult Problem(ReviewProblem problem)
    {
        var extensions = new Dictionary<string, object?>(StringComparer.Ordinal) { ["code"] = problem.Code };
        if (problem.Version is { } version)
            extensions["version"] = version;
        if (problem.Since is { Count: > 0 } since)
            extensions["since"] = since.Select(step => new { by = step.By, step = step.Step, at = step.At, version = step.Version }).ToList();
        if (problem.Faults is { } faults)
            extensions["faults"] = faults.Select(fault => new { path = fault.Path, code = fault.Code, detail = fault.Detail }).ToList();
        return TypedResults.Problem(statusCode: problem.Status, title: problem.Title, detail: problem.Detail, extensions: extensions);
    }

    private static int? VersionOf(string tag) =>
        int.TryParse(tag.Trim('"'), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var version) ? version : null;
}

/// <summary>Which items are listed; what is left out is no condition.</summary>
internal sealed record ReviewQuery
{
    public string? Workspace { get; init; }

    public string? Reason { get; init; }

    /// <summary>A kind of action, for example <c>send_message</c>.</summary>
    public string? Action { get; init; }

    public string? Tier { get; init; }

    public string? Priority { get; init; }

    /// <summary>A person or a role; empty: what nobody has.</summary>
    public string? Assignee { get; init; }

    /// <summary><c>open</c> (also where it is left out), <c>snoozed</c>, <c>overdue</c>, <c>answered</c> or <c>all</c>.</summary>
    public string? Status { get; init; }

    /// <summary><c>priority</c> (also where it is left out) or <c>age</c>.</summary>
    public string? Sort { get; init; }

    public Guid? After { get; init; }

    public int? Limit { get; init; }
}
