using System.Text.Json;
using System.Text.Json.Serialization;
using CrmGrains.Host.Access;
using CrmGrains.Runtime.Ledger;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace CrmGrains.Host.Ledger;

/// <summary><c>/v1/ledger</c>: what was done and why, in pages; and whether its chains hold.</summary>
internal static class LedgerEndpoint
{
    private const int MaxLimit = 1000;

    public static void MapLedger(this IEndpointRouteBuilder routes)
    {
        var ledger = routes.MapGroup("/v1/ledger");
        ledger.MapGet("/", ReadAsync).Needs(Scope.LedgerRead).WithName("ReadLedger")
            .WithSummary("Entries after a cursor, at most limit; follow the ledger with after=<next>.");
        ledger.MapGet("/verify", Verify).Needs(Scope.LedgerRead, Extent.Installation).WithName("VerifyLedger").WithSummary("Follows every chain: one report each.");
    }

    private static async Task<Results<JsonHttpResult<LedgerPage>, ProblemHttpResult>> ReadAsync(
        Caller caller, NpgsqlDataSource database, CancellationToken cancellationToken, string? workspace = null, string? after = null, int limit = 100)
    {
        if (limit is < 1 or > MaxLimit || LedgerCursor.Read(after) is not { } positions)
            return TypedResults.Problem(
                statusCode: StatusCodes.Status400BadRequest, title: "Bad query",
                detail: $"limit is 1 to {MaxLimit}, after is a cursor that this endpoint gave as next.");
        var page = await LedgerPages.ReadAsync(database, positions, caller.Narrow(workspace), limit, cancellationToken);
        return TypedResults.Json(page, LedgerJson.Default.LedgerPage);
    }

    private static JsonHttpResult<IAsyncEnumerable<ChainReport>> Verify(NpgsqlDataSource database, CancellationToken cancellationToken) =>
        TypedResults.Json(LedgerVerification.VerifyAsync(database, cancellationToken), LedgerJson.Default.IAsyncEnumerableChainReport);
}

/// <param name="Entries">Oldest first.</param>
/// <param name="Next">What to ask for next with <c>after</c>.</param>
/// <param name="HasMore">True where more is known to be there to look at, although the page may be short or empty.</param>
internal sealed record LedgerPage(IReadOnlyList<LedgerEntry> Entries, string Next, bool? HasMore);

internal sealed record LedgerEntry
{
    public required int Partition { get; init; }

    public required long Position { get; init; }

    public required string Workspace { get; init; }

    public required string Grain { get; init; }

    public required long Version { get; init; }

    public required long MessageId { get; init; }

    public required string Kind { get; init; }

    public required string Outcome { get; init; }

    public Guid? EventId { get; init; }

    public required string Configuration { get; init; }

    public required Guid Silo { get; init; }

    public required DateTimeOffset BeganAt { get; init; }

    public required DateTimeOffset WrittenAt { get; init; }

    public JsonElement? Detail { get; init; }

    public required string Hash { get; init; }

    public static LedgerEntry Read(NpgsqlDataReader row) => new()
    {
        Partition = row.GetInt32(0),
        Position = row.GetInt64(1),
        Workspace = row.GetString(2),
        Grain = row.GetString(3),
        Version = row.GetInt64(4),
        MessageId = row.GetInt64(5),
        Kind = row.GetString(6),
        Outcome = row.GetString(7),
        EventId = row.IsDBNull(8) ? null : row.GetGuid(8),
        Configuration = row.GetString(9),
        Silo = row.GetGuid(10),
        BeganAt = row.GetFieldValue<DateTimeOffset>(11),
        WrittenAt = row.GetFieldValue<DateTimeOffset>(12),
        Detail = row.IsDBNull(13) ? null : JsonElement.Parse(row.GetString(13)),
        Hash = row.GetString(14),
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LedgerPage))]
[JsonSerializable(typeof(IAsyncEnumerable<ChainReport>))]
[JsonSerializable(typeof(List<ChainReport>))]
internal sealed partial class LedgerJson : JsonSerializerContext;
