using System.Text.Json;
using CrmGrains.Sandbox.HubSpot.Answers;
using CrmGrains.Sandbox.Inspection;

namespace CrmGrains.Sandbox.Faults;

/// <summary><c>/sandbox/faults</c>: sets, lists and clears faults.</summary>
internal static class FaultEndpoints
{
    public static void MapFaults(this IEndpointRouteBuilder routes)
    {
        var faults = routes.MapGroup("/sandbox/faults");
        faults.MapPost("/", Add);
        faults.MapGet("/", (FaultBox box) => TypedResults.Ok(Listing.Of(box.List())));
        faults.MapDelete("/", (FaultBox box) =>
        {
            box.Clear();
            return TypedResults.NoContent();
        });
    }

    /// <summary>Takes one rule or an array of them.</summary>
    private static IResult Add(JsonElement body, FaultBox box)
    {
        try
        {
            IReadOnlyList<FaultRule>? rules = body.ValueKind == JsonValueKind.Array
                ? body.Deserialize(SandboxJson.Default.IReadOnlyListFaultRule)
                : body.Deserialize(SandboxJson.Default.FaultRule) is { } rule ? [rule] : null;
            if (rules is null || rules.Any(one => one is null)) return HubSpotError.Validation("A fault is an object.");
            return box.Add(rules) is { } problem
                ? HubSpotError.Validation(problem)
                : TypedResults.Json(Listing.Of(box.List()), statusCode: StatusCodes.Status201Created);
        }
        catch (JsonException malformed)
        {
            return HubSpotError.Validation($"Not a fault: there is something wrong at {malformed.Path ?? "$"}; it is an object with at least a path.");
        }
    }
}
