namespace CrmGrains.Faults.Cluster;

/// <summary>The demo's workspace, with limits that let traffic through as fast as it comes.</summary>
internal static class Workspace
{
    public const string Name = "demo";

    /// <summary>What the sources sign with. Nobody else is asked for it.</summary>
    public const string DiagnosticSecret = "whsec_ZmF1bHRzLWRpYWdub3N0aWMtc2VjcmV0LW9mLXRoZS1ydW4=";
    public const string GenericSecret = "generic-secret-of-the-faults-0123456789";

    private static readonly (string Part, string Replacement)[] Changes =
    [
        ("general: 190 per 10s", "general: 100000 per 10s"), ("search: 5 per 1s", "search: 10000 per 1s"),
    ];

    /// <summary>Writes its file into a folder.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "workspaces", $"{Name}.yaml"));
        foreach (var (part, replacement) in Changes)
        {
            if (!text.Contains(part, StringComparison.Ordinal))
                throw new ClusterException($"deploy/workspaces/{Name}.yaml has no '{part}' any more, which faults are run without.");
            text = text.Replace(part, replacement, StringComparison.Ordinal);
        }

        File.WriteAllText(Path.Combine(folder, $"{Name}.yaml"), text);
    }

    /// <summary>What hosts are given besides addresses: secrets, and waits that suit a run of a minute.</summary>
    public static Dictionary<string, string> Environment(string sandboxUrl) => new()
    {
        ["DIAGNOSTIC_SECRET"] = DiagnosticSecret,
        ["GENERIC_SECRET"] = GenericSecret,
        ["STRIPE_SECRET"] = "whsec_stripe_secret_of_the_faults_0123456789",
        ["HUBSPOT_TOKEN"] = "pat-faults",
        ["HUBSPOT_URL"] = sandboxUrl,
        ["CRMGRAINS_API_KEY"] = "cg_api_key_of_the_faults_0123456789",
        ["CRMGRAINS__Outbox__FirstSpacing"] = "00:00:00.050",
        ["CRMGRAINS__Outbox__Spacing"] = "00:00:00.200",
        ["CRMGRAINS__Outbox__FloodSpacing"] = "00:00:00.500",
        ["CRMGRAINS__Outbox__RetryBase"] = "00:00:00.100",
        ["CRMGRAINS__Outbox__UnknownWait"] = "00:00:00.500",
        ["CRMGRAINS__HubSpot__BatchTimeout"] = "00:00:05",
        ["CRMGRAINS__HubSpot__SingleTimeout"] = "00:00:05",
    };
}
