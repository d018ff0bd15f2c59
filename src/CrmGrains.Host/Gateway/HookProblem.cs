namespace CrmGrains.Host.Gateway;

/// <summary>Why a delivery isn't taken in, as the sender is told (RFC 9457).</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">A stable name; what metrics count.</param>
/// <param name="Title">What is wrong.</param>
/// <param name="Detail">What to do.</param>
/// <param name="RetryAfterSeconds">When to come again.</param>
internal sealed record HookProblem(int Status, string Code, string Title, string Detail, int? RetryAfterSeconds = null)
{
    public static HookProblem UnknownSource { get; } = new(
        StatusCodes.Status404NotFound, "unknown_source", "No such source",
        "No workspace or source of that name is configured. Check the address of the hook.");

    public static HookProblem TooLarge(int limitBytes) => new(
        StatusCodes.Status413PayloadTooLarge, "too_large", "Body too large", $"The body may have {limitBytes} bytes at most.");

    public static HookProblem Refused(string code, string message) => new(
        StatusCodes.Status401Unauthorized, code, "Signature refused", message);

    public static HookProblem NoSecret { get; } = new(
        StatusCodes.Status503ServiceUnavailable, "no_secret", "Source not ready",
        "The secret of this source isn't available here. Set what its configuration refers to.", RetryAfterSeconds: 60);

    public static HookProblem TooSlow { get; } = new(
        StatusCodes.Status408RequestTimeout, "too_slow", "Body too slow", "The body didn't arrive in time. Send it again, faster.");

    public static HookProblem BadBody(string code, string message) => new(
        StatusCodes.Status400BadRequest, code, "Body not readable", message);

    public static HookProblem Overloaded { get; } = new(
        StatusCodes.Status503ServiceUnavailable, "overloaded", "Too much at once", "Nothing was stored. Send it again later.", RetryAfterSeconds: 2);

    public static HookProblem Unavailable { get; } = new(
        StatusCodes.Status503ServiceUnavailable, "unavailable", "Storage unavailable", "It isn't certain that it was stored. Send it again later.",
        RetryAfterSeconds: 5);

    /// <summary>
    /// The same for a sender of mail: it drops for good what is answered with a 4xx, so it is told to come again, and in the meantime somebody may
    /// mend what is wrong.
    /// </summary>
    public HookProblem ForMail => Status is >= 400 and < 500
        ? this with { Status = StatusCodes.Status503ServiceUnavailable, RetryAfterSeconds = 300 }
        : this;

    public Task WriteAsync(HttpContext context)
    {
        if (RetryAfterSeconds is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return TypedResults.Problem(
            statusCode: Status, title: Title, detail: Detail, type: $"urn:crmgrains:problem:{Code}",
            extensions: new Dictionary<string, object?> { ["code"] = Code }).ExecuteAsync(context);
    }
}
