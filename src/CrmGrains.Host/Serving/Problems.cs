using System.Globalization;
using System.Text.Json;
using CrmGrains.Runtime.Storage;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;
using Npgsql;

namespace CrmGrains.Host.Serving;

/// <summary>Whatever goes wrong is told as a problem document (RFC 9457) with a <c>code</c>, by every endpoint.</summary>
internal static class Problems
{
    public static IServiceCollection AddProblems(this IServiceCollection services) => services
        .AddProblemDetails(problems => problems.CustomizeProblemDetails = context =>
            context.ProblemDetails.Extensions.TryAdd("code", CodeOf(context.ProblemDetails.Status ?? StatusCodes.Status500InternalServerError)))
        .AddExceptionHandler<DatabaseAway>()
        .AddExceptionHandler<TextRefused>();

    // "Method Not Allowed" becomes method_not_allowed.
    private static string CodeOf(int status) => JsonNamingPolicy.SnakeCaseLower.ConvertName(
        ReasonPhrases.GetReasonPhrase(status).Replace(" ", "", StringComparison.Ordinal));
}

/// <summary>A database that doesn't answer is nobody's bug: whoever asked shall come again.</summary>
internal sealed class DatabaseAway : IExceptionHandler
{
    private const int RetryAfterSeconds = 5;

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not (NpgsqlException or TimeoutException) || !SqlState.IsTransient(exception))
            return false;
        context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        await TypedResults.Problem(
            statusCode: StatusCodes.Status503ServiceUnavailable, title: "Storage unavailable", detail: "The database doesn't answer. Ask again later.",
            extensions: new Dictionary<string, object?> { ["code"] = "unavailable" }).ExecuteAsync(context);
        return true;
    }
}

/// <summary>A text with a NUL in it is nothing that we could know of, whatever it was asked for.</summary>
internal sealed class TextRefused : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (!SqlState.IsTextFault(exception))
            return false;
        await TypedResults.Problem(
            statusCode: StatusCodes.Status400BadRequest, title: "Bad query", detail: "A text in it has a NUL character: leave that out.",
            extensions: new Dictionary<string, object?> { ["code"] = "nul_character" }).ExecuteAsync(context);
        return true;
    }
}
