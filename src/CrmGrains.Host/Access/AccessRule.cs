using System.Reflection;
using Microsoft.AspNetCore.Authorization;

namespace CrmGrains.Host.Access;

/// <summary>How far an endpoint goes.</summary>
internal enum Extent
{
    /// <summary>It deals with what is a workspace's: its handler takes the <see cref="Caller"/> and keeps to the caller's workspace.</summary>
    Workspace,

    /// <summary>It deals with all workspaces at once: only keys that are bound to none may call it.</summary>
    Installation,

    /// <summary>It tells nothing of any workspace: the same answer for everybody who may call it.</summary>
    Shared,
}

/// <summary>Who may call an endpoint. Each one has it, or the process doesn't start.</summary>
/// <param name="Scope">What the key needs; null where no key is needed.</param>
/// <param name="Extent">How far it goes.</param>
internal sealed record AccessRule(string? Scope, Extent Extent);

/// <summary>What endpoints say of who may call them.</summary>
internal static class AccessRules
{
    /// <summary>The policy of keys that are bound to no workspace.</summary>
    internal const string Unbound = "unbound";

    /// <summary>A key with the scope is needed.</summary>
    public static T Needs<T>(this T endpoints, string scope, Extent extent = Extent.Workspace) where T : IEndpointConventionBuilder
    {
        endpoints.RequireAuthorization(extent == Extent.Installation ? [scope, Unbound] : [scope]);
        return endpoints.WithMetadata(new AccessRule(scope, extent));
    }

    /// <summary>No key is needed: because it tells nothing of anybody, or because something else says who calls, as a source's signature does.</summary>
    public static T NeedsNoKey<T>(this T endpoints) where T : IEndpointConventionBuilder
    {
        endpoints.AllowAnonymous();
        return endpoints.WithMetadata(new AccessRule(null, Extent.Shared));
    }

    /// <summary>Looks through everything that is mapped, so that no endpoint is served that forgot whom it is for.</summary>
    /// <exception cref="InvalidOperationException">One did.</exception>
    public static void CheckAccess(this IEndpointRouteBuilder routes)
    {
        var faults = routes.DataSources.SelectMany(source => source.Endpoints).Select(FaultOf).OfType<string>().ToList();
        if (faults.Count > 0)
            throw new InvalidOperationException(string.Join(' ', faults));
    }

    private static string? FaultOf(Endpoint endpoint)
    {
        var (name, rule) = (endpoint.DisplayName, endpoint.Metadata.GetMetadata<AccessRule>());
        if (rule is null)
            return $"{name} doesn't say who may call it: add Needs(scope) or NeedsNoKey().";
        if (rule.Scope is not null && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            return $"{name} needs a key and lets anybody in: leave one of the two out.";
        var takesCaller = endpoint.Metadata.GetMetadata<MethodInfo>()?.GetParameters().Any(parameter => parameter.ParameterType == typeof(Caller)) ?? false;
        return rule.Extent == Extent.Workspace && !takesCaller
            ? $"{name} deals with what is a workspace's and doesn't take the Caller: let its handler take it and keep to its workspace, or say how far it goes."
            : null;
    }
}
