using CrmGrains.Core.Actions;
using CrmGrains.Host.Access;
using CrmGrains.Host.Customers;
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
        var autonomy = routes.MapGroup("/v1/autonomy").RequireAuthorization(Scope.Operations);
        autonomy.MapGet("/", ListAsync).WithName("ListAutonomy")
            .WithSummary("Kinds of actions with what people said to their proposals, the lower bound of the acceptance rate, and whether they go without a person.");
        autonomy.MapPost("/{action}/grant", GrantAsync).WithName("GrantAutonomy").WithSummary("Signs what the system proposed: the action goes without a person.");
        autonomy.MapPost("/{action}/decline", DeclineAsync).WithName("DeclineAutonomy").WithSummary("Says no to what the system proposed.");
        autonomy.MapPost("/{action}/revoke", RevokeAsync).WithName("RevokeAutonomy").WithSummary("Ends it: the action needs a person again.");
    }

    private static async Task<Results<JsonHttpResult<AutonomyPage>, ProblemHttpResult>> ListAsync(
        AutonomyBook book, Configuration.Workspaces workspaces, CancellationToken cancellationToken, string? workspace = null)
    {
        if (workspaces.Find(workspace ?? CustomersEndpoint.Only(workspaces)) is not { } found)
            return Problem(StatusCodes.Status404NotFound, "No such workspace", "Name one with `workspace`.");
        return TypedResults.Json(new AutonomyPage(await book.ListAsync(found, cancellationToken)), AutonomyJson.Default.AutonomyPage);
    }

    private static Task<Results<NoContent, ProblemHttpResult>> GrantAsync(
        string action, AutonomyBook book, Configuration.Workspaces workspaces, HttpContext context, CancellationToken cancellationToken, string? workspace = null) =>
        AnswerAsync(action, true, book, workspaces, context, workspace, cancellationToken);

    private static Task<Results<NoContent, ProblemHttpResult>> DeclineAsync(
        string action, AutonomyBook book, Configuration.Workspaces workspaces, HttpContext context, CancellationToken cancellationToken, string? workspace = null) =>
        AnswerAsync(action, false, book, workspaces, context, workspace, cancellationToken);

    private static async Task<Results<NoContent, ProblemHttpResult>> AnswerAsync(
        string action, bool isSigned, AutonomyBook book, Configuration.Workspaces workspaces, HttpContext context, string? workspace,
        CancellationToken cancellationToken) =>
        await book.AnswerAsync(workspace ?? CustomersEndpoint.Only(workspaces), action, isSigned, By(context), cancellationToken)
            ? TypedResults.NoContent()
            : Problem(StatusCodes.Status409Conflict, "Not proposed", $"Nothing of the kind is proposed for {action} now, or somebody answered it before.");

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        string action, AutonomyBook book, Configuration.Workspaces workspaces, HttpContext context, CancellationToken cancellationToken, string? workspace = null)
    {
        var name = workspace ?? CustomersEndpoint.Only(workspaces);
        if (workspaces.Find(name) is null || ActionType.Find(action) is null)
            return Problem(StatusCodes.Status404NotFound, "No such action", "There is no such workspace, or no such kind of action.");
        await book.RevokeAsync(name, action, By(context), cancellationToken);
        return TypedResults.NoContent();
    }

    private static string By(HttpContext context) => context.User.Identity?.Name ?? "unknown";

    private static ProblemHttpResult Problem(int status, string title, string detail) =>
        TypedResults.Problem(statusCode: status, title: title, detail: detail);
}
