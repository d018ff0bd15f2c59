using System.Security.Claims;

namespace CrmGrains.Host.Access;

/// <summary>
/// Whoever calls, and whose workspace the key is bound to. Every endpoint that deals with what is a workspace's takes it as a parameter, and
/// its statements take <see cref="Workspace"/> or <see cref="Narrow"/> as theirs: what belongs to another workspace isn't there for them.
/// </summary>
/// <param name="Name">The key's name: who did it, where that is kept.</param>
/// <param name="Workspace">The only workspace that there is for this caller; null where there are all.</param>
internal sealed record Caller(string Name, string? Workspace)
{
    internal const string WorkspaceClaim = "workspace";

    // No workspace has this name, so nothing is found under it.
    private const string Nowhere = "";

    /// <summary>What a key lets its caller see, as claims; one that is bound to no workspace says so, and doesn't merely say nothing.</summary>
    internal static Claim ClaimOf(string? workspace) => new(WorkspaceClaim, workspace ?? "*");

    /// <summary>Called by the framework for handlers that have it as a parameter.</summary>
    /// <exception cref="InvalidOperationException">The endpoint needs no key, so nobody is known to be calling.</exception>
    public static ValueTask<Caller> BindAsync(HttpContext context) =>
        context.User.FindFirstValue(ClaimTypes.Name) is { } name && context.User.FindFirstValue(WorkspaceClaim) is { } workspace
            ? ValueTask.FromResult(new Caller(name, workspace == "*" ? null : workspace))
            : throw new InvalidOperationException("An endpoint that asks who calls must need a key.");

    /// <summary>Which workspace a list is about: null where it is all. Asking for another one than one's own finds nothing.</summary>
    public string? Narrow(string? asked) => Workspace is null || asked == Workspace ? asked : asked is null ? Workspace : Nowhere;

    /// <summary>Which workspace something single is looked for in. Where there is only one, nobody has to name it.</summary>
    public string Within(string? asked, Configuration.Workspaces workspaces) =>
        Narrow(asked) ?? (workspaces.Current.Count == 1 ? workspaces.Current.Keys.Single() : Nowhere);
}
