using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CrmGrains.Host.Access;

/// <summary><c>/v1/keys</c>: who may call the API. An administrator of one workspace makes and sees keys of that one only.</summary>
internal static class KeysEndpoint
{
    private const int MaxLimit = 500;
    private const int MaxName = 100;

    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/v1/keys").Needs(Scope.Admin);
        keys.MapGet("/", ListAsync).WithName("ListKeys").WithSummary("Keys, oldest first, those that were revoked too. Follow them with after=<the last id>.");
        keys.MapPost("/", CreateAsync).WithName("CreateKey").WithSummary("Makes a key with a role or scopes, for one workspace or all. It is shown this once.");
        keys.MapPost("/{id:guid}/revoke", RevokeAsync).WithName("RevokeKey").WithSummary("Revokes a key: it is refused at once, by other processes within ten seconds.");
    }

    private static async Task<Results<JsonHttpResult<ApiKeyPage>, ProblemHttpResult>> ListAsync(
        Caller caller, ApiKeys keys, CancellationToken cancellationToken, Guid? after = null, int limit = 100)
    {
        if (limit is < 1 or > MaxLimit)
            return Bad("Bad query", string.Create(CultureInfo.InvariantCulture, $"limit is 1 to {MaxLimit}."));
        return TypedResults.Json(new ApiKeyPage(await keys.ListAsync(caller.Workspace, after, limit, cancellationToken)), ApiKeyJson.Default.ApiKeyPage);
    }

    private static async Task<Results<JsonHttpResult<CreatedApiKey>, ProblemHttpResult>> CreateAsync(
        ApiKeyRequest request, Caller caller, ApiKeys keys, Configuration.Workspaces workspaces, CancellationToken cancellationToken)
    {
        var workspace = caller.Narrow(request.Workspace);
        if (FaultOf(request, workspace, workspaces) is { } fault)
            return Bad("Bad key", fault);
        var wanted = new NewApiKey(request.Name?.Trim() ?? "", request.Role, request.Scopes ?? [], workspace);
        var (id, key) = await keys.CreateAsync(wanted, caller.Name, cancellationToken);
        return TypedResults.Json(new CreatedApiKey(id, wanted.Name, workspace, key), ApiKeyJson.Default.CreatedApiKey, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(Guid id, Caller caller, ApiKeys keys, CancellationToken cancellationToken) =>
        await keys.RevokeAsync(id, caller.Workspace, cancellationToken) switch
        {
            Revocation.Revoked => TypedResults.NoContent(),
            Revocation.LastOfAll => TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: "Last key", detail: "No other key with the scope admin reaches all workspaces. Make one first."),
            _ => TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, title: "No such key", detail: $"There is no key {id}, or it was revoked already."),
        };

    private static string? FaultOf(ApiKeyRequest request, string? workspace, Configuration.Workspaces workspaces)
    {
        if (request.Name?.Trim() is not { Length: > 0 and <= MaxName })
            return string.Create(CultureInfo.InvariantCulture, $"`name` says who has the key, in 1 to {MaxName} characters.");
        if ((request.Role is null) == (request.Scopes is not { Count: > 0 }))
            return "A key has either a `role` or `scopes`.";
        if (request.Role is { } role && !Role.All.Contains(role))
            return $"`role` is {string.Join(", ", Role.All)}.";
        if (request.Scopes?.Any(scope => !Scope.All.Contains(scope)) ?? false)
            return $"`scopes` are of {string.Join(", ", Scope.All)}.";
        return workspace is not null && !workspaces.Current.ContainsKey(workspace) ? "There is no such workspace. Name one with `workspace`." : null;
    }

    private static ProblemHttpResult Bad(string title, string detail) =>
        TypedResults.Problem(statusCode: StatusCodes.Status400BadRequest, title: title, detail: detail);
}

internal sealed record ApiKeyRequest(string? Name, string? Role, IReadOnlyList<string>? Scopes, string? Workspace);

/// <param name="Id">What it is revoked by.</param>
/// <param name="Name">Who has it.</param>
/// <param name="Workspace">Where it may do that; null: everywhere.</param>
/// <param name="Key">The key itself: nobody can be told again.</param>
internal sealed record CreatedApiKey(Guid Id, string Name, string? Workspace, string Key);

internal sealed record ApiKeyPage(IReadOnlyList<ApiKeyItem> Items);

internal sealed record ApiKeyItem
{
    public Guid Id { get; init; }

    public string Name { get; init; } = "";

    /// <summary>How the key begins, for whoever has it to know it again.</summary>
    public string Prefix { get; init; } = "";

    public string? Role { get; init; }

    public string[] Scopes { get; init; } = [];

    public string? Workspace { get; init; }

    public DateTime CreatedAt { get; init; }

    /// <summary>The name of the key that it was made with.</summary>
    public string? CreatedBy { get; init; }

    public DateTime? LastUsedAt { get; init; }

    public DateTime? RevokedAt { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApiKeyPage))]
[JsonSerializable(typeof(ApiKeyRequest))]
[JsonSerializable(typeof(CreatedApiKey))]
internal sealed partial class ApiKeyJson : JsonSerializerContext;
