using System.Text.Json.Serialization;
using CrmGrains.Core.Configuration;
using CrmGrains.Host.Access;
using CrmGrains.Intake.Sources;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace CrmGrains.Host.Tracing;

/// <summary><c>GET /v1/events/{id}/explain</c>: which path of the bytes that came becomes which field of the contract, and what nobody reads.</summary>
internal static class ExplainEndpoint
{
    private const string Raw = """
        SELECT p.workspace, p.source, r.received_at AS ReceivedAt, r.body
        FROM raw_event r JOIN partition p ON p.id = r.partition WHERE r.event_id = @id AND (@workspace::text IS NULL OR p.workspace = @workspace)
        """;

    public static void MapExplanations(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/events/{id:guid}/explain", ExplainAsync)
        .Needs(Scope.LedgerRead)
        .WithName("ExplainEvent")
        .WithSummary("How the configuration of now reads a stored delivery: field by field, with the path that it comes from.");

    private static async Task<Results<JsonHttpResult<Explanation>, ProblemHttpResult>> ExplainAsync(
        Guid id, Caller caller, NpgsqlDataSource database, IWorkspaces workspaces, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<(string Workspace, string Source, DateTimeOffset ReceivedAt, byte[] Body)?>(
            new CommandDefinition(Raw, new { id, workspace = caller.Workspace }, cancellationToken: cancellationToken));
        if (row is not { } raw)
            return Missing("No such event", $"No delivery was stored as event {id}.");
        if (workspaces.Find(raw.Workspace) is not { } workspace || !workspace.Sources.TryGetValue(raw.Source, out var source))
            return Missing("No such source", $"Source {raw.Workspace}/{raw.Source} has no configuration here. Restore it, then ask again.");
        return TypedResults.Json(Explanation.Of(id, raw.ReceivedAt, raw.Body, source, workspace), ExplainJson.Default.Explanation);
    }

    private static ProblemHttpResult Missing(string title, string detail) =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: title, detail: detail);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Explanation))]
internal sealed partial class ExplainJson : JsonSerializerContext;
