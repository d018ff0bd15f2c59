namespace CrmGrains.Benchmarks.Load;

/// <summary>Where deliveries go.</summary>
/// <param name="Workspace">Its workspace; a file below <c>workspaces</c>.</param>
/// <param name="Source">The source within it.</param>
internal sealed record Hook(string Workspace, string Source)
{
    /// <summary>What everything is measured with where nothing else is said.</summary>
    public static Hook Main { get; } = new("bench", "bench");

    /// <summary>Another source of the same workspace.</summary>
    public static Hook Live { get; } = new("bench", "live");

    /// <summary>A source of another workspace, which has no CRM.</summary>
    public static Hook Neighbor { get; } = new("neighbor", "live");

    public string Path => $"/v1/hooks/{Workspace}/{Source}";
}
