using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CrmGrains.Host.Access;

/// <summary><c>Authorization: Bearer</c> and an API key.</summary>
internal sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";

    private const string Prefix = "Bearer ";
    private const int MaxKeyLength = 256;
    private const string ScopeClaim = "scope";

    public static void AddPolicies(AuthorizationBuilder policies)
    {
        foreach (var scope in Scope.All)
            policies.AddPolicy(scope, policy => policy.RequireClaim(ScopeClaim, scope, Scope.Admin));
        policies.AddPolicy(AccessRules.Unbound, policy => policy.RequireClaim(Caller.WorkspaceClaim, Caller.ClaimOf(null).Value));
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return AuthenticateResult.NoResult();
        var key = header[Prefix.Length..].Trim();
        if (key.Length is 0 or > MaxKeyLength)
            return AuthenticateResult.Fail("The API key is malformed.");
        if (await keys.FindAsync(key, Context.RequestAborted) is not { } known)
            return AuthenticateResult.Fail("The API key is unknown or revoked.");
        var identity = new ClaimsIdentity(
            known.Scopes.Select(scope => new Claim(ScopeClaim, scope)).Append(new Claim(ClaimTypes.Name, known.Name)).Append(Caller.ClaimOf(known.Workspace)),
            SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return TypedResults.Problem(
            statusCode: StatusCodes.Status401Unauthorized, title: "API key needed",
            detail: "Send «Authorization: Bearer» and an API key that is valid.").ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var rule = Context.GetEndpoint()?.Metadata.GetMetadata<AccessRule>();
        var isBound = rule?.Extent == Extent.Installation && !Context.User.HasClaim(Caller.WorkspaceClaim, Caller.ClaimOf(null).Value);
        return TypedResults.Problem(
            statusCode: StatusCodes.Status403Forbidden, title: isBound ? "Key of one workspace" : "Scope missing",
            detail: isBound
                ? "This is about all workspaces, and the API key is bound to one. Ask whoever has a key that isn't."
                : $"The API key is valid but doesn't have the scope that this needs: {rule?.Scope}.").ExecuteAsync(Context);
    }
}

/// <summary>API keys and scopes.</summary>
internal static class AccessServices
{
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddSingleton(provider => new ApiKeys(provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<TimeProvider>()));
        services.AddAuthentication(ApiKeyAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null);
        ApiKeyAuthentication.AddPolicies(services.AddAuthorizationBuilder());
        return services;
    }
}
