using CrmGrains.Core.Actions;
using CrmGrains.Host.Access;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace CrmGrains.Host.Autonomy;

/// <summary><c>/v1/autonomy</c>: which kinds of actions go without a person, what speaks for it, and a person's signature.</summary>
internal static class AutonomyEndpoint
{
    public static IServiceCollection AddAutonomy(this IServiceCollection services)
    {
        services.AddOptions<AutonomyOptions>().BindConfiguration("Autonomy").ValidateOnStart();
        services.AddSingleton<IValidateOptions<AutonomyOptions>, AutonomyOptionsValidator>();
        services.AddSingleton<AutonomyMetrics>();
        services.AddSingleton<AutonomyBook>();
        services.AddHostedService<AutonomyWatch>();
        return services;
    }

    public static void MapAutonomy(this IEndpointRouteBuilder routes)
    {
        var autonomy = routes.MapGroup("/v1/autonomy").Needs(Scope.Operations);
        autonomy.MapGet("/", ListAsync).WithName("ListAutonomy")
            .WithSummary("Kinds of actions with what people said to their proposals, the lower bound of the acceptance rate, and whether they go without a person.");
        var deciding = routes.MapGroup("/v1/autonomy").Needs(Scope.ReviewsDecide);
        deciding.MapPost("/{action}/grant", GrantAsync).WithName("GrantAutonomy").WithSummary("Signs what the system proposed: the action goes without a person.");
        deciding.MapPost("/{action}/decline", DeclineAsync).WithName("DeclineAutonomy").WithSummary("Says no to what the system proposed.");
        autonomy.MapPost("/{action}/revoke", RevokeAsync).WithName("RevokeAutonomy").WithSummary("Ends it: the action needs a person again.");
    }

    private static async Task<Results<JsonHttpResult<AutonomyPage>, ProblemHttpResult>> ListAsync(
        Caller caller, AutonomyBook book, Configuration.Workspaces workspaces, CancellationToken cancellationToken, string? workspace = null)
    {
        if (workspaces.Find(caller.Within(workspace, workspaces)) is not { } found)
            return Problem(StatusCodes.Status404NotFound, "No such workspace", "Name one with `workspace`.");
        return TypedResults.Json(new AutonomyPage(await book.ListAsync(found, cancellationToken)), AutonomyJson.Default.AutonomyPage);
    }

    private static Task<Results<NoContent, ProblemHttpResult>> GrantAsync(
        string action, Caller caller, AutonomyBook book, Configuration.Workspaces workspaces, CancellationToken cancellationToken, string? workspace = null) =>
        AnswerAsync(action, true, caller, book, workspaces, workspace, cancellationToken);

    private static Task<Results<NoContent, ProblemHttpResult>> DeclineAsync(
        string action, Caller caller, AutonomyBook book, Configuration.Workspaces workspaces, CancellationToken cancellationToken, string? workspace = null) =>
        AnswerAsync(action, false, caller, book, workspaces, workspace, cancellationToken);

    private static async Task<Results<NoContent, ProblemHttpResult>> AnswerAsync(
        string action, bool isSigned, Caller caller, AutonomyBook book, Configuration.Workspaces workspaces, string? workspace,
        CancellationToken cancellationToken)
    {
        var name = caller.Within(workspace, workspaces);
        if (workspaces.Find(name) is null || ActionType.Find(action) is null)
            return Unknown();
        return await book.AnswerAsync(name, action, isSigned, caller.Name, cancellationToken)
            ? TypedResults.NoContent()
            : Problem(StatusCodes.Status409Conflict, "Not proposed", $"Nothing of the kind is proposed for {action} now, or somebody answered it before.");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        string action, Caller caller, AutonomyBook book, Configuration.Workspaces workspaces, CancellationToken cancellationToken, string? workspace = null)
    {
        var name = caller.Within(workspace, workspaces);
        if (workspaces.Find(name) is null || ActionType.Find(action) is null)
            return Unknown();
        await book.RevokeAsync(name, action, caller.Name, cancellationToken);
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult Unknown() =>
        Problem(StatusCodes.Status404NotFound, "No such action", "There is no such workspace, or no such kind of action.");

    private static ProblemHttpResult Problem(int status, string title, string detail) =>
        TypedResults.Problem(statusCode: status, title: title, detail: detail);
}
