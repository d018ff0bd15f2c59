using System.Text.Json.Serialization;
using CrmGrains.Connectors.Outbox;
using CrmGrains.Host.Access;
using CrmGrains.Runtime.DeadLetters;
using CrmGrains.Runtime.Silos;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace CrmGrains.Host.DeadLetters;

/// <summary><c>/v1/dead-letters</c>: messages and commands that were given up on, and what a person does with them.</summary>
internal static class DeadLettersEndpoint
{
    private const int MaxLimit = 500;
    private const string CommandQueue = "crm_api_failed_jobs";

    private const string Sql = """
        SELECT id, queue, workspace, grain, kind, event_id AS EventId, error, died_at AS DiedAt
        FROM dead_letter WHERE ended_at IS NULL AND id > @after AND (@workspace::text IS NULL OR workspace = @workspace) ORDER BY id LIMIT @limit
        """;

    private const string QueueSql = "SELECT queue FROM dead_letter WHERE id = @id AND ended_at IS NULL AND (@workspace::text IS NULL OR workspace = @workspace)";

    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        var letters = routes.MapGroup("/v1/dead-letters").Needs(Scope.Operations);
        letters.MapGet("/", ListAsync).WithName("ListDeadLetters").WithSummary("Open dead letters, oldest first.");
        letters.MapPost("/{id:long}/retry", RetryAsync).WithName("RetryDeadLetter").WithSummary("Tries once more from the first attempt.");
        letters.MapPost("/{id:long}/discard", DiscardAsync).WithName("DiscardDeadLetter").WithSummary("Ends it without a retry.");
    }

    private static async Task<Results<JsonHttpResult<DeadLetterPage>, ProblemHttpResult>> ListAsync(
        Caller caller, NpgsqlDataSource database, CancellationToken cancellationToken, string? workspace = null, long after = 0, int limit = 100)
    {
        if (limit is < 1 or > MaxLimit)
            return TypedResults.Problem(statusCode: StatusCodes.Status400BadRequest, title: "Bad query", detail: $"limit is 1 to {MaxLimit}.");
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var items = await connection.QueryAsync<DeadLetterItem>(new CommandDefinition(
            Sql, new { workspace = caller.Narrow(workspace), after, limit }, cancellationToken: cancellationToken));
        return TypedResults.Json(new DeadLetterPage([.. items]), DeadLetterJson.Default.DeadLetterPage);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RetryAsync(
        long id, Caller caller, NpgsqlDataSource database, OutboxDeadLetters commands, Wakeups wakeups, CancellationToken cancellationToken)
    {
        var done = await QueueOfAsync(database, id, caller, cancellationToken) switch
        {
            "turns" => await TurnDeadLetters.RetryAsync(database, id, cancellationToken),
            CommandQueue => await commands.RetryAsync(id, cancellationToken),
            _ => false,
        };
        wakeups.MailboxesFilled();
        wakeups.CommandsQueued();
        return done ? TypedResults.NoContent() : Missing(id);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DiscardAsync(
        long id, Caller caller, NpgsqlDataSource database, OutboxDeadLetters commands, CancellationToken cancellationToken)
    {
        var done = await QueueOfAsync(database, id, caller, cancellationToken) switch
        {
            "turns" => await TurnDeadLetters.DiscardAsync(database, id, cancellationToken),
            CommandQueue => await commands.DiscardAsync(id, cancellationToken),
            _ => false,
        };
        return done ? TypedResults.NoContent() : Missing(id);
    }

    private static async Task<string?> QueueOfAsync(NpgsqlDataSource database, long id, Caller caller, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
            QueueSql, new { id, workspace = caller.Workspace }, cancellationToken: cancellationToken));
    }

    private static ProblemHttpResult Missing(long id) => TypedResults.Problem(
        statusCode: StatusCodes.Status404NotFound, title: "No such dead letter", detail: $"There is no open dead letter {id}.");
}

internal sealed record DeadLetterPage(IReadOnlyList<DeadLetterItem> Items);

internal sealed record DeadLetterItem
{
    public long Id { get; init; }

    public string Queue { get; init; } = "";

    public string Workspace { get; init; } = "";

    public string Grain { get; init; } = "";

    public string Kind { get; init; } = "";

    public Guid? EventId { get; init; }

    public string Error { get; init; } = "";

    public DateTime DiedAt { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeadLetterPage))]
internal sealed partial class DeadLetterJson : JsonSerializerContext;
