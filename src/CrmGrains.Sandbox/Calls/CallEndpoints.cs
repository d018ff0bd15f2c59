using CrmGrains.Sandbox.HubSpot.Answers;
using CrmGrains.Sandbox.Inspection;

namespace CrmGrains.Sandbox.Calls;

/// <summary>
/// <c>/sandbox/stats</c> and <c>/sandbox/requests</c>: what was called, how often and with which result; <c>/sandbox/effects</c>: what
/// that carried out.
/// </summary>
internal static class CallEndpoints
{
    public static void MapCalls(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sandbox/stats", (CallLog log) => TypedResults.Ok(log.Stats()));
        routes.MapGet("/sandbox/requests", IResult (CallLog log, int limit = 100) =>
            limit is < 1 or > CallLog.Capacity
                ? HubSpotError.Validation($"limit must be between 1 and {CallLog.Capacity}.")
                : TypedResults.Ok(Listing.Of(log.Latest(limit))));
        routes.MapGet("/sandbox/effects", IResult (EffectLog log, long after = 0, int limit = 1000) =>
            limit is < 1 or > EffectLog.Capacity
                ? HubSpotError.Validation($"limit must be between 1 and {EffectLog.Capacity}.")
                : TypedResults.Ok(Listing.Of(log.After(after, limit))));
    }
}
