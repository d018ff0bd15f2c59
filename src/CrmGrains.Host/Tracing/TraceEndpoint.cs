using CrmGrains.Host.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CrmGrains.Host.Tracing;

/// <summary><c>GET /v1/events/{id}</c>: from the bytes that came to what the CRM holds, and why.</summary>
internal static class TraceEndpoint
{
    public static void MapTraces(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/events/{id:guid}", FindAsync)
        .Needs(Scope.LedgerRead)
        .WithName("TraceEvent")
        .WithSummary("Everything that is known of an event: raw, normalized, validation, decision, commands with attempts, CRM ids, status.");

    private static async Task<Results<JsonHttpResult<EventTrace>, ProblemHttpResult>> FindAsync(
        Guid id, Caller caller, EventTraces traces, CancellationToken cancellationToken) =>
        await traces.FindAsync(id, caller.Workspace, cancellationToken) is { } trace
            ? TypedResults.Json(trace, TraceJson.Default.EventTrace)
            : TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, title: "No such event",
                detail: $"No delivery was stored as event {id}. A repeated delivery is stored as its first one: use the id that it was answered with.");
}
