using System.Text.Json;

namespace CrmGrains.Sandbox.HubSpot.Answers;

/// <summary>Whatever goes wrong, the caller gets an error body in HubSpot's shape and never an exception page.</summary>
internal sealed class ErrorBoundary(RequestDelegate next, ILogger<ErrorBoundary> log)
{
    private static readonly string[] ObjectTypeNames = ["type", "from", "to"];

    private static readonly HubSpotError TooLarge =
        HubSpotError.Of(StatusCodes.Status413PayloadTooLarge, "VALIDATION_ERROR", "The request body is larger than 10 MiB.");

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (Unanswered(context) is { } error) await error.ExecuteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; nobody waits for an answer.
        }
        catch (BadHttpRequestException refused) when (!context.Response.HasStarted)
        {
            await Refusal(refused, context.Request.RouteValues).ExecuteAsync(context);
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            SandboxLog.CallFailed(log, context.Request.Method, context.Request.Path, failure);
            await HubSpotError.Of(StatusCodes.Status500InternalServerError, "INTERNAL_ERROR", "internal error").ExecuteAsync(context);
        }
    }

    private static HubSpotError? Unanswered(HttpContext context) =>
        context.Response.HasStarted || context.Response.ContentType is not null
            ? null
            : context.Response.StatusCode switch
            {
                StatusCodes.Status404NotFound =>
                    HubSpotError.NotFound($"There is nothing at {context.Request.Method} {context.Request.Path}; GET / lists what is."),
                StatusCodes.Status405MethodNotAllowed =>
                    HubSpotError.Of(StatusCodes.Status405MethodNotAllowed, "VALIDATION_ERROR", "HTTP 405 Method Not Allowed"),
                StatusCodes.Status413PayloadTooLarge => TooLarge,
                _ => null,
            };

    private static HubSpotError Refusal(BadHttpRequestException refused, RouteValueDictionary route) => refused switch
    {
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => TooLarge,
        { StatusCode: StatusCodes.Status415UnsupportedMediaType } =>
            HubSpotError.Of(StatusCodes.Status415UnsupportedMediaType, "VALIDATION_ERROR", "The request body must be application/json."),
        { InnerException: JsonException json } =>
            HubSpotError.Validation(
                $"Invalid input JSON on line {json.LineNumber + 1 ?? 1}, column {json.BytePositionInLine + 1 ?? 1}: {Explain(json)}"),
        _ when ObjectTypeNames.Select(name => route[name]).OfType<string>().FirstOrDefault(text => ObjectType.Find(text) is null) is { } unknown =>
            HubSpotError.Validation($"Unable to infer object type from: {unknown}"),
        _ => HubSpotError.Validation(refused.Message),
    };

    // The serializer's own words name the classes of this program, which are nobody's business outside.
    private static string Explain(JsonException json)
    {
        const string missing = "missing required properties including: ";
        var at = json.Message.IndexOf(missing, StringComparison.Ordinal);
        if (at >= 0) return $"Some required fields were not set: [{json.Message[(at + missing.Length)..].TrimEnd('.').Replace("'", "", StringComparison.Ordinal)}]";
        return json.Message.Contains(nameof(CrmGrains), StringComparison.Ordinal)
            ? $"The value at {json.Path} cannot be read as what it should be."
            : json.Message;
    }
}
