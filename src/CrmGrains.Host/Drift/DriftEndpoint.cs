using System.Text.Json.Serialization;
using CrmGrains.Host.Access;
using CrmGrains.Intake.Drift;
using CrmGrains.Runtime.Silos;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace CrmGrains.Host.Drift;

/// <summary><c>/v1/drift</c>: how the payloads of sources changed, and what a person does about it.</summary>
internal static class DriftEndpoint
{
    private const int MaxLimit = 500;

    private const string Sql = """
        SELECT a.id, a.workspace, a.source, a.path, a.kind, a.seen, a.usual, a.samples, a.count,
               a.first_seen_at AS FirstSeenAt, a.last_seen_at AS LastSeenAt, a.ended_at AS EndedAt, a.resolution,
               (SELECT count(*) FROM drift_held h
                WHERE a.ended_at IS NULL AND h.workspace = a.workspace AND h.source = a.source AND a.path || '/' || a.kind = ANY (h.changes)) AS held
        FROM drift_alert a
        WHERE (@workspace::text IS NULL OR a.workspace = @workspace)
          AND (@source::text IS NULL OR a.source = @source)
          AND (@all OR a.ended_at IS NULL)
          AND (@after::uuid IS NULL OR (a.first_seen_at, a.id) > (SELECT f.first_seen_at, f.id FROM drift_alert f WHERE f.id = @after AND (@workspace::text IS NULL OR f.workspace = @workspace)))
        ORDER BY a.first_seen_at, a.id
        LIMIT @limit
        """;

    public static void MapDrift(this IEndpointRouteBuilder routes)
    {
        var drift = routes.MapGroup("/v1/drift");
        drift.MapGet("/", ListAsync).Needs(Scope.ReviewsRead).WithName("ListDrift")
            .WithSummary("Open alerts about changed payloads, oldest first; with status=all those that ended too. Follow them with after=<the last id>.");
        drift.MapPost("/{id:guid}/accept", AcceptAsync).Needs(Scope.Operations).WithName("AcceptDrift")
            .WithSummary("Takes the change for usual and releases the deliveries that only it held.");
    }

    private static async Task<Results<JsonHttpResult<DriftPage>, ProblemHttpResult>> ListAsync(
        Caller caller,
        NpgsqlDataSource database,
        CancellationToken cancellationToken,
        string? workspace = null,
        string? source = null,
        string status = "open",
        Guid? after = null,
        int limit = 100)
    {
        if (limit is < 1 or > MaxLimit || status is not ("open" or "all"))
            return TypedResults.Problem(
                statusCode: StatusCodes.Status400BadRequest, title: "Bad query", detail: $"limit is 1 to {MaxLimit}, status is open or all.");
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var items = await connection.QueryAsync<DriftItem>(new CommandDefinition(
            Sql, new { workspace = caller.Narrow(workspace), source, all = status == "all", after, limit }, cancellationToken: cancellationToken));
        return TypedResults.Json(new DriftPage([.. items]), DriftPageJson.Default.DriftPage);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> AcceptAsync(
        Guid id, Caller caller, NpgsqlDataSource database, Wakeups wakeups, CancellationToken cancellationToken)
    {
        if (!await DriftAlerts.AcceptAsync(database, id, caller.Workspace, cancellationToken))
            return TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, title: "No such alert", detail: $"There is no open alert {id}: somebody may have accepted it already.");
        wakeups.MailboxesFilled();
        return TypedResults.NoContent();
    }
}

internal sealed record DriftPage(IReadOnlyList<DriftItem> Items);

internal sealed record DriftItem
{
    public Guid Id { get; init; }

    public string Workspace { get; init; } = "";

    public string Source { get; init; } = "";

    public string Path { get; init; } = "";

    /// <summary><c>missing</c>, <c>retyped</c> or <c>new_value</c>.</summary>
    public string Kind { get; init; } = "";

    public string[] Seen { get; init; } = [];

    public string Usual { get; init; } = "";

    /// <summary>A few of the events that showed it.</summary>
    public Guid[] Samples { get; init; } = [];

    public long Count { get; init; }

    /// <summary>Deliveries that wait because of it.</summary>
    public long Held { get; init; }

    public DateTime FirstSeenAt { get; init; }

    public DateTime LastSeenAt { get; init; }

    public DateTime? EndedAt { get; init; }

    public string? Resolution { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DriftPage))]
internal sealed partial class DriftPageJson : JsonSerializerContext;
