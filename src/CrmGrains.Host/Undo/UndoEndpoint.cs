using CrmGrains.Host.Access;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace CrmGrains.Host.Undo;

/// <summary>
/// <c>/v1/actions</c>: what the system did; <c>/v1/undo</c>: plans to take it back. Asking for one only plans it; a person approves it.
/// </summary>
internal static class UndoEndpoint
{
    private const int MaxLimit = 500;

    // Listing by a filter that no index helps with ends in time.
    private const int PatienceSeconds = 20;

    public static void MapUndo(this IEndpointRouteBuilder routes)
    {
        var actions = routes.MapGroup("/v1/actions").Needs(Scope.Operations);
        actions.MapGet("/", ListAsync).WithName("ListActions")
            .WithSummary("What the system did or is about to do, newest first; by event, customer, rule_version (a configuration's hash), from and to. Follow it with before=<the last id>.");
        actions.MapPost("/{id:long}/undo", PlanOneAsync).WithName("UndoAction").WithSummary("Plans to take one action back; the plan waits for a person.");
        var undo = routes.MapGroup("/v1/undo").Needs(Scope.Operations);
        undo.MapPost("/", PlanAsync).WithName("RequestUndo")
            .WithSummary("Plans to take back what was done for an event or a customer, under a configuration, or in a time; the plan waits for a person.");
        undo.MapGet("/{id:guid}", GetAsync).WithName("GetUndo").WithSummary("A plan: each step with its conflict class, and how far it is.");
        var deciding = routes.MapGroup("/v1/undo").Needs(Scope.ReviewsDecide);
        deciding.MapPost("/{id:guid}/approve", ApproveAsync).WithName("ApproveUndo").WithSummary("Carries a plan out: what is untouched since is archived or restored.");
        deciding.MapPost("/{id:guid}/reject", RejectAsync).WithName("RejectUndo").WithSummary("Ends a plan; nothing is taken back.");
    }

    private static async Task<Results<JsonHttpResult<ActionPage>, ProblemHttpResult>> ListAsync(
        Caller caller,
        NpgsqlDataSource database,
        Configuration.Workspaces workspaces,
        CancellationToken cancellationToken,
        string? workspace = null,
        Guid? @event = null,
        string? customer = null,
        string? rule_version = null,
        DateTimeOffset? from = null,
        DateTimeOffset? to = null,
        string? action = null,
        long? before = null,
        int limit = 100)
    {
        var filter = new ActionFilter
        {
            Workspace = caller.Within(workspace, workspaces), Event = @event, Customer = customer, Configuration = rule_version, From = from,
            To = to, Action = action,
        };
        if (limit is < 1 or > MaxLimit || filter.Fault is not null)
            return Bad(filter.Fault ?? $"limit is 1 to {MaxLimit}.");
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var items = await connection.QueryAsync<ActionView>(new CommandDefinition(
            UndoSql.List, filter.Parameters(before, limit), commandTimeout: PatienceSeconds, cancellationToken: cancellationToken));
        return TypedResults.Json(new ActionPage([.. items]), UndoJson.Default.ActionPage);
    }

    private static async Task<Results<JsonHttpResult<UndoView>, ProblemHttpResult>> PlanOneAsync(
        long id, Caller caller, NpgsqlDataSource database, Undos undos, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var workspace = await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
            UndoSql.WorkspaceOf, new { id, workspace = caller.Workspace }, cancellationToken: cancellationToken));
        return workspace is null
            ? Problem(StatusCodes.Status404NotFound, "No such action", $"There is no action {id}.")
            : await PlannedAsync(new ActionFilter { Workspace = workspace, Id = id }, caller, undos, cancellationToken);
    }

    private static async Task<Results<JsonHttpResult<UndoView>, ProblemHttpResult>> PlanAsync(
        UndoRequest request, Caller caller, Undos undos, Configuration.Workspaces workspaces, CancellationToken cancellationToken)
    {
        var filter = new ActionFilter
        {
            Workspace = caller.Within(request.Workspace, workspaces), Event = request.Event, Customer = request.Customer,
            Configuration = request.Configuration, From = request.From, To = request.To, Action = request.Action,
        };
        if (!filter.SaysWhich || filter.Fault is not null)
            return Bad(filter.Fault ?? "Say what shall be taken back: by `event`, `customer`, `configuration` or `from`.");
        return await PlannedAsync(filter, caller, undos, cancellationToken);
    }

    private static async Task<Results<JsonHttpResult<UndoView>, ProblemHttpResult>> PlannedAsync(
        ActionFilter filter, Caller caller, Undos undos, CancellationToken cancellationToken) =>
        await undos.PlanAsync(filter, caller.Name, cancellationToken) is { } undo
            ? TypedResults.Json(undo, UndoJson.Default.UndoView, statusCode: StatusCodes.Status201Created)
            : Problem(StatusCodes.Status404NotFound, "Nothing to undo", "The system did nothing of the kind. See /v1/actions.");

    private static async Task<Results<JsonHttpResult<UndoView>, ProblemHttpResult>> GetAsync(
        Guid id, Caller caller, Undos undos, CancellationToken cancellationToken) =>
        await undos.FindAsync(id, caller.Workspace, cancellationToken) is { } undo ? TypedResults.Json(undo, UndoJson.Default.UndoView) : Missing(id);

    private static Task<Results<JsonHttpResult<UndoView>, ProblemHttpResult>> ApproveAsync(
        Guid id, Caller caller, Undos undos, CancellationToken cancellationToken) => AnswerAsync(id, true, caller, undos, cancellationToken);

    private static Task<Results<JsonHttpResult<UndoView>, ProblemHttpResult>> RejectAsync(
        Guid id, Caller caller, Undos undos, CancellationToken cancellationToken) => AnswerAsync(id, false, caller, undos, cancellationToken);

    private static async Task<Results<JsonHttpResult<UndoView>, ProblemHttpResult>> AnswerAsync(
        Guid id, bool isApproved, Caller caller, Undos undos, CancellationToken cancellationToken)
    {
        if (await undos.FindAsync(id, caller.Workspace, cancellationToken) is null)
            return Missing(id);
        var isAnswered = await undos.AnswerAsync(id, isApproved, caller.Name, cancellationToken);
        if (await undos.FindAsync(id, caller.Workspace, cancellationToken) is not { } undo)
            return Missing(id);
        return isAnswered
            ? TypedResults.Json(undo, UndoJson.Default.UndoView)
            : Problem(StatusCodes.Status409Conflict, "Answered already", $"{undo.AnsweredBy} answered it before: it is {undo.State}.");
    }

    private static ProblemHttpResult Bad(string detail) => Problem(StatusCodes.Status400BadRequest, "Bad query", detail);

    private static ProblemHttpResult Missing(Guid id) => Problem(StatusCodes.Status404NotFound, "No such undo", $"There is no undo {id}.");

    private static ProblemHttpResult Problem(int status, string title, string detail) =>
        TypedResults.Problem(statusCode: status, title: title, detail: detail);
}
