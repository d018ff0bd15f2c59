using System.Text.Json.Serialization;
using CrmGrains.Host.Access;
using CrmGrains.Host.Configuration.Schema;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace CrmGrains.Host.Configuration;

/// <summary><c>/v1/configurations</c>: every version of a workspace's file that was in force, by its hash; and the schema of such files.</summary>
internal static class ConfigurationsEndpoint
{
    private const int MaxLimit = 500;

    private const string ListSql = """
        SELECT hash, workspace, seen_at AS SeenAt FROM configuration
        WHERE (@workspace::text IS NULL OR workspace = @workspace)
          AND (@after::text IS NULL OR (seen_at, hash) < (
              SELECT a.seen_at, a.hash FROM configuration a WHERE a.hash = @after AND (@workspace::text IS NULL OR a.workspace = @workspace)))
        ORDER BY seen_at DESC, hash DESC
        LIMIT @limit
        """;

    private const string FindSql = """
        SELECT hash, workspace, seen_at AS SeenAt, body FROM configuration
        WHERE hash = @hash AND (@workspace::text IS NULL OR workspace = @workspace)
        """;

    public static void MapConfigurations(this IEndpointRouteBuilder routes)
    {
        var configurations = routes.MapGroup("/v1/configurations").Needs(Scope.LedgerRead);
        configurations.MapGet("/", ListAsync).WithName("ListConfigurations")
            .WithSummary("Versions of workspace files, newest first. Follow them with after=<the last hash>.");
        configurations.MapGet("/{hash}", FindAsync).WithName("GetConfiguration").WithSummary("One version, by the hash that ledger entries name.");
        routes.MapGet("/v1/config/schema", () => TypedResults.Text(WorkspaceSchema.Text, "application/schema+json")).NeedsNoKey()
            .WithName("GetConfigurationSchema").WithSummary("What a workspace file must be like, as a JSON Schema document for editors.");
    }

    private static async Task<Results<JsonHttpResult<ConfigurationPage>, ProblemHttpResult>> ListAsync(
        Caller caller,
        NpgsqlDataSource database,
        Configuration.Workspaces workspaces,
        CancellationToken cancellationToken,
        string? workspace = null,
        string? after = null,
        int limit = 100)
    {
        if (limit is < 1 or > MaxLimit)
            return TypedResults.Problem(statusCode: StatusCodes.Status400BadRequest, title: "Bad query", detail: $"limit is 1 to {MaxLimit}.");
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var items = await connection.QueryAsync<ConfigurationItem>(new CommandDefinition(
            ListSql, new { workspace = caller.Narrow(workspace), after, limit }, cancellationToken: cancellationToken));
        return TypedResults.Json(
            new ConfigurationPage([.. items.Select(item => item with { InForce = workspaces.Find(item.Workspace)?.Hash == item.Hash })]),
            ConfigurationsJson.Default.ConfigurationPage);
    }

    private static async Task<Results<JsonHttpResult<ConfigurationItem>, ProblemHttpResult>> FindAsync(
        string hash, Caller caller, NpgsqlDataSource database, Configuration.Workspaces workspaces, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var item = await connection.QuerySingleOrDefaultAsync<ConfigurationItem>(new CommandDefinition(
            FindSql, new { hash, workspace = caller.Workspace }, cancellationToken: cancellationToken));
        return item is null
            ? TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such configuration", detail: $"No version {hash} was in force.")
            : TypedResults.Json(item with { InForce = workspaces.Find(item.Workspace)?.Hash == hash }, ConfigurationsJson.Default.ConfigurationItem);
    }
}

internal sealed record ConfigurationPage(IReadOnlyList<ConfigurationItem> Items);

internal sealed record ConfigurationItem
{
    public string Hash { get; init; } = "";

    public string Workspace { get; init; } = "";

    public DateTime SeenAt { get; init; }

    /// <summary>Whether it is what the process that answers goes by.</summary>
    public bool InForce { get; init; }

    /// <summary>The file; left out of lists.</summary>
    public string? Body { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ConfigurationPage))]
[JsonSerializable(typeof(ConfigurationItem))]
internal sealed partial class ConfigurationsJson : JsonSerializerContext;
