using System.Text.Json;
using System.Text.Json.Serialization;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;
using CrmGrains.Host.Access;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace CrmGrains.Host.Customers;

/// <summary><c>/v1/customers</c>: what is known of a customer.</summary>
internal static class CustomersEndpoint
{
    private const string ByEmail = """
        SELECT i.customer FROM unnest(@emails) WITH ORDINALITY AS e (value, place)
        JOIN identity i ON i.workspace = @workspace AND i.kind = 'email' AND i.value = e.value ORDER BY e.place LIMIT 1
        """;
    private const string State = "SELECT version, state FROM grain WHERE partition = @partition AND grain = @grain";
    private const string Links = """
        SELECT object, crm_id AS CrmId FROM crm_link WHERE crm_id IS NOT NULL AND (grain = @grain OR grain = ANY (@others)) ORDER BY object, crm_id
        """;

    public static void MapCustomers(this IEndpointRouteBuilder routes)
    {
        var customers = routes.MapGroup("/v1/customers").Needs(Scope.LedgerRead);
        customers.MapGet("/", FindAsync).WithName("FindCustomer").WithSummary("A customer by any address it was seen with.");
        customers.MapGet("/{key}", GetAsync).WithName("GetCustomer").WithSummary("A customer by its grain's key.");
    }

    private static async Task<Results<JsonHttpResult<CustomerView>, ProblemHttpResult>> FindAsync(
        string email,
        Caller caller,
        NpgsqlDataSource database,
        Configuration.Workspaces workspaces,
        CancellationToken cancellationToken,
        string? workspace = null)
    {
        workspace = caller.Within(workspace, workspaces);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var key = await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
            ByEmail, new { workspace, emails = Spellings(email, workspaces.Find(workspace)) }, cancellationToken: cancellationToken));
        return key is null ? Missing() : await GetAsync(key, caller, database, workspaces, cancellationToken, workspace);
    }

    private static async Task<Results<JsonHttpResult<CustomerView>, ProblemHttpResult>> GetAsync(
        string key,
        Caller caller,
        NpgsqlDataSource database,
        Configuration.Workspaces workspaces,
        CancellationToken cancellationToken,
        string? workspace = null)
    {
        workspace = caller.Within(workspace, workspaces);
        if (!GrainId.TryParse($"{workspace}/{GrainKind.Customer}/{key}", out var grain))
            return Missing();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<(long Version, string State)?>(new CommandDefinition(
            State, new { partition = MailboxPartition.Of(grain), grain = grain.ToString() }, cancellationToken: cancellationToken));
        if (row is not { } found)
            return Missing();

        var state = JsonElement.Parse(found.State);
        string[] others = [.. Related(state, "companies", name => GrainId.Of(workspace, GrainKind.Company, name)),
            .. Related(state, "pipelines", name => GrainId.Of(workspace, GrainKind.Deal, DealKey(state, key, name)))];
        var links = await connection.QueryAsync<(string Object, string CrmId)>(new CommandDefinition(
            Links, new { grain = grain.ToString(), others }, cancellationToken: cancellationToken));
        return TypedResults.Json(
            new CustomerView(
                key, workspace, found.Version, state,
                links.GroupBy(link => link.Object, StringComparer.Ordinal)
                    .ToDictionary(group => group.Key, group => group.Select(link => link.CrmId).ToArray(), StringComparer.Ordinal)),
            CustomerJson.Default.CustomerView);
    }

    // As it is, then as the mailbox that it leads to: intake keeps both.
    private static string[] Spellings(string email, WorkspaceConfiguration? workspace) =>
        EmailAddress.TryNormalize(email, out var address) && workspace is not null
            ? [address, Mailbox.Of(address, workspace.Identity).Address]
            : [email.Trim().ToLowerInvariant()];

    private static string DealKey(JsonElement state, string customer, string pipeline) =>
        state.TryGetProperty("deals", out var deals) && deals.TryGetProperty(pipeline, out var other)
            ? $"{other.GetString()}/{pipeline}"
            : $"{customer}/{pipeline}";

    private static IEnumerable<string> Related(JsonElement state, string name, Func<string, GrainId> grain) =>
        state.TryGetProperty(name, out var list) ? list.EnumerateArray().Select(item => grain(item.GetString() ?? "").ToString()) : [];

    internal static ProblemHttpResult Missing() => TypedResults.Problem(
        statusCode: StatusCodes.Status404NotFound, title: "No such customer", detail: "Nobody is known by that in this workspace.");
}

/// <param name="State">Fields are <c>[value, occurred_at, rank, event_id]</c>.</param>
internal sealed record CustomerView(string Key, string Workspace, long Version, JsonElement State, Dictionary<string, string[]> CrmIds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CustomerView))]
internal sealed partial class CustomerJson : JsonSerializerContext;
