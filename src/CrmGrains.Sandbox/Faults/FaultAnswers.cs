using CrmGrains.Sandbox.HubSpot;
using CrmGrains.Sandbox.HubSpot.Answers;

namespace CrmGrains.Sandbox.Faults;

/// <summary>What HubSpot says with each status.</summary>
internal static class FaultAnswers
{
    public static HubSpotError Of(FaultRule rule)
    {
        var status = rule.Status ?? StatusCodes.Status500InternalServerError;
        var answer = status == StatusCodes.Status429TooManyRequests ? Limit(rule.Policy) : HubSpotError.Of(status, CategoryOf(status), MessageOf(status));
        if (status == StatusCodes.Status403Forbidden) answer = answer with { Body = WithScopes(answer.Body) };
        return answer with
        {
            Body = answer.Body with { Category = rule.Category ?? answer.Body.Category, Message = rule.Message ?? answer.Body.Message },
        };
    }

    /// <summary>The error of a row in a 207; HubSpot tells its category but not a status of its own.</summary>
    public static HubSpotError OfRow(FaultRule rule) => Of(rule with { Status = rule.Status ?? StatusCodes.Status500InternalServerError });

    private static HubSpotError Limit(string? policy) => policy switch
    {
        "DAILY" => RateLimits.Exceeded("DAILY", "daily"),
        "SECONDLY" => RateLimits.Exceeded("SECONDLY", "secondly"),
        _ => RateLimits.Exceeded("TEN_SECONDLY_ROLLING", "ten_secondly_rolling"),
    };

    private static ErrorBody WithScopes(ErrorBody body) => body with
    {
        Errors =
        [
            new ErrorDetail(
                "One or more of the following scopes are required.",
                Context: HubSpotError.Named("requiredGranularScopes", "crm.objects.contacts.write")),
        ],
    };

    private static string CategoryOf(int status) => status switch
    {
        401 => "INVALID_AUTHENTICATION",
        403 => "MISSING_SCOPES",
        404 => "OBJECT_NOT_FOUND",
        409 => "CONFLICT",
        423 => "LOCKED",
        477 => "MIGRATION_IN_PROGRESS",
        < 500 => "VALIDATION_ERROR",
        _ => "INTERNAL_ERROR",
    };

    private static string MessageOf(int status) => status switch
    {
        401 => TokenCheck.Rejected.Body.Message,
        403 => "This app hasn't been granted all required scopes to make this call.",
        404 => "resource not found",
        423 => "The records are locked by another operation.",
        477 => "This account is being moved to another location; try again later.",
        502 => "bad gateway",
        503 => "service unavailable",
        504 or 524 => "gateway timeout",
        < 500 => "the request was refused",
        _ => "internal error",
    };
}
