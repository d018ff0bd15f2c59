using System.Text.Json.Serialization;
using CrmGrains.Core.Grains;
using CrmGrains.Host.Access;
using CrmGrains.Intake.Identity;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Silos;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace CrmGrains.Host.Customers;

/// <summary><c>POST /v1/customers/{key}/merge</c> and <c>/unmerge</c>: a person says that two customers are one, or that they aren't.</summary>
internal static class MergeEndpoint
{
    private const string Known = "SELECT count(*) FROM grain WHERE partition = @partition AND grain = @grain";

    public static void MapMerges(this IEndpointRouteBuilder routes)
    {
        var merges = routes.MapGroup("/v1/customers/{key}").Needs(Scope.Operations);
        merges.MapPost("/merge", MergeAsync).WithName("MergeCustomer")
            .WithSummary("Merges the customer into another one: identifiers move at once, fields, companies and deals follow.");
        merges.MapPost("/unmerge", UnmergeAsync).WithName("UnmergeCustomer")
            .WithSummary("Undoes the customer's merge; what came since stays with the other one.");
    }

    private static async Task<Results<JsonHttpResult<MergeView>, ProblemHttpResult>> MergeAsync(
        string key,
        MergeRequest request,
        Caller caller,
        NpgsqlDataSource database,
        Configuration.Workspaces workspaces,
        Wakeups wakeups,
        CancellationToken cancellationToken,
        string? workspace = null)
    {
        workspace = caller.Within(workspace, workspaces);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        foreach (var each in new[] { key, request.Into })
        {
            if (!await IsKnownAsync(connection, workspace, each, cancellationToken))
                return CustomersEndpoint.Missing();
        }

        return await CommitAsync(connection, workspace, wakeups, () =>
            CustomerMerges.MergeAsync(connection, workspace, key, request.Into, "person", null, cancellationToken), cancellationToken);
    }

    private static async Task<Results<JsonHttpResult<MergeView>, ProblemHttpResult>> UnmergeAsync(
        string key,
        Caller caller,
        NpgsqlDataSource database,
        Configuration.Workspaces workspaces,
        Wakeups wakeups,
        CancellationToken cancellationToken,
        string? workspace = null)
    {
        workspace = caller.Within(workspace, workspaces);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (!await IsKnownAsync(connection, workspace, key, cancellationToken))
            return CustomersEndpoint.Missing();
        return await CommitAsync(
            connection, workspace, wakeups, () => CustomerMerges.UndoAsync(connection, workspace, key, cancellationToken), cancellationToken);
    }

    private static async Task<Results<JsonHttpResult<MergeView>, ProblemHttpResult>> CommitAsync(
        NpgsqlConnection connection, string workspace, Wakeups wakeups, Func<Task<MergeOutcome>> work, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await CustomerMerges.LockAsync(connection, [workspace], cancellationToken);
        switch (await work())
        {
            case MergeOutcome.Done done:
                await Mail.SendAsync(connection, [done.Message], cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                wakeups.MailboxesFilled();
                return TypedResults.Json(new MergeView(done.Merge, done.Absorbed, done.Survivor), MergeJson.Default.MergeView);
            case MergeOutcome.Refused refused:
                return TypedResults.Problem(
                    statusCode: StatusCodes.Status409Conflict, title: "Not merged", detail: refused.Detail,
                    extensions: new Dictionary<string, object?> { ["code"] = refused.Code });
            case var other:
                throw new InvalidOperationException($"Nothing is known of {other.GetType().Name}.");
        }
    }

    private static async Task<bool> IsKnownAsync(NpgsqlConnection connection, string workspace, string key, CancellationToken cancellationToken) =>
        GrainId.TryParse($"{workspace}/{GrainKind.Customer}/{key}", out var grain)
        && await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            Known, new { partition = MailboxPartition.Of(grain), grain = grain.ToString() }, cancellationToken: cancellationToken)) > 0;
}

/// <param name="Into">Key of the customer who stays.</param>
internal sealed record MergeRequest(string Into);

/// <param name="Merge">The merge's id, as the ledger entries of both customers name it.</param>
/// <param name="Absorbed">Key of the customer who went, or who stands for itself again.</param>
/// <param name="Survivor">Key of the other one.</param>
internal sealed record MergeView(Guid Merge, string Absorbed, string Survivor);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MergeRequest))]
[JsonSerializable(typeof(MergeView))]
internal sealed partial class MergeJson : JsonSerializerContext;
