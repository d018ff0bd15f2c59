namespace CrmGrains.Sandbox.HubSpot.Answers;

/// <summary>Lets in whoever brings a bearer token: any, or one of those configured.</summary>
internal sealed class TokenCheck(RequestDelegate next, SandboxOptions options)
{
    private const string Scheme = "Bearer ";

    private readonly HashSet<string> _accepted =
        [.. options.Tokens.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    public Task InvokeAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var token = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "";
        return token.Length > 0 && (_accepted.Count == 0 || _accepted.Contains(token))
            ? next(context)
            : Rejected.ExecuteAsync(context);
    }

    public static HubSpotError Rejected { get; } = HubSpotError.Of(
        StatusCodes.Status401Unauthorized,
        "INVALID_AUTHENTICATION",
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview");
}
