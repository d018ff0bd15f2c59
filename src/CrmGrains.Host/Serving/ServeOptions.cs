namespace CrmGrains.Host.Serving;

/// <summary>What <c>crmgrains serve</c> was asked for, by options and environment.</summary>
internal sealed record ServeOptions
{
    public const string DefaultUrl = "http://127.0.0.1:8080";
    public const string DefaultData = "./.crmgrains";
    public const string DefaultWorkspaces = "deploy/workspaces";

    /// <summary>Where it listens, separated by semicolons.</summary>
    public required string Urls { get; init; }

    /// <summary>A PostgreSQL server of somebody's own; null: the embedded one.</summary>
    public string? Postgres { get; init; }

    /// <summary>The data folder of the embedded PostgreSQL.</summary>
    public required string Data { get; init; }

    /// <summary>The folder with the workspaces' files.</summary>
    public required string Workspaces { get; init; }

    public required IReadOnlySet<string> Roles { get; init; }

    /// <summary>The key that whoever runs the process chose; null: the first one is made up, and printed once.</summary>
    public string? ApiKey { get; init; }

    public bool IsGateway => Roles.Contains(Role.Gateway);

    public bool IsSilo => Roles.Contains(Role.Silo);

    public bool IsConsole => Roles.Contains(Role.Console);
}

/// <summary>What a process does; any mix of them.</summary>
internal static class Role
{
    /// <summary>Takes events in.</summary>
    public const string Gateway = "gateway";

    /// <summary>Runs grains and connectors.</summary>
    public const string Silo = "silo";

    /// <summary>API and web UI.</summary>
    public const string Console = "console";

    public static IReadOnlyList<string> All { get; } = [Gateway, Silo, Console];

    /// <summary>Reads <c>all</c> or a list; null where a name is unknown.</summary>
    public static IReadOnlySet<string>? Parse(string text)
    {
        var names = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (names is ["all"])
            return All.ToHashSet(StringComparer.Ordinal);
        return names.Length > 0 && names.All(All.Contains) ? names.ToHashSet(StringComparer.Ordinal) : null;
    }
}
