using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace CrmGrains.Host.Serving;

/// <summary>Lists of what waits for a person: those that are open, or all, in pages that follow each other by the last id.</summary>
internal static class OpenItems
{
    private const int MaxLimit = 500;

    /// <summary>Reads a page.</summary>
    /// <param name="sql">Takes <c>@all</c>, <c>@after</c>, <c>@limit</c> and the names of the filter.</param>
    /// <param name="filter">Which of them; null: any.</param>
    /// <param name="status"><c>open</c> or <c>all</c>.</param>
    /// <param name="after">The last id of the page before.</param>
    /// <returns>The items, or what is wrong with the query.</returns>
    public static async Task<(IReadOnlyList<T> Items, ProblemHttpResult? Problem)> ReadAsync<T>(
        NpgsqlDataSource database, string sql, object filter, string status, Guid? after, int limit, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit || status is not ("open" or "all"))
            return ([], TypedResults.Problem(
                statusCode: StatusCodes.Status400BadRequest, title: "Bad query", detail: $"limit is 1 to {MaxLimit}, status is open or all."));
        var parameters = new DynamicParameters(filter);
        parameters.AddDynamicParams(new { all = status == "all", after, limit });
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return ([.. await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken))], null);
    }
}
