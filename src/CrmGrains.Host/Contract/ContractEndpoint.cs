using System.Collections.Frozen;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmGrains.Core.Contract;
using CrmGrains.Host.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CrmGrains.Host.Contract;

/// <summary><c>/v1/contract</c>: what events must be like, as JSON Schema.</summary>
internal static class ContractEndpoint
{
    private const string ContentType = "application/schema+json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // The contract changes with the version of this program only.
    private static readonly string Whole = Text(JsonSchemas.OfEvent());

    private static readonly FrozenDictionary<string, string> ByType = EventSchemas.All.ToFrozenDictionary(
        schema => schema.Type, schema => Text(JsonSchemas.Of(schema.Type)), StringComparer.Ordinal);

    public static void MapContract(this IEndpointRouteBuilder routes)
    {
        var contract = routes.MapGroup("/v1/contract").Needs(Scope.LedgerRead, Extent.Shared);
        contract.MapGet("/", () => TypedResults.Text(Whole, ContentType))
            .WithName("GetContract").WithSummary("The contract for events of all types, as a JSON Schema document.");
        contract.MapGet("/{type}", Find)
            .WithName("GetContractOfType").WithSummary("The contract for events of one type, as a JSON Schema document.");
    }

    /// <summary>A document as people read it.</summary>
    public static string Text(JsonObject? document) => document?.ToJsonString(Indented) ?? "";

    private static Results<ContentHttpResult, ProblemHttpResult> Find(string type) =>
        EventSchema.Find(type) is { } schema
            ? TypedResults.Text(ByType[schema.Type], ContentType)
            : TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, title: "No such type",
                detail: $"The contract has {string.Join(", ", EventSchemas.All.Select(schema => schema.Type))}.");
}
