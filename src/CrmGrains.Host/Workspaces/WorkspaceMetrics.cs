using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace CrmGrains.Host.Configuration;

internal sealed class WorkspaceMetrics
{
    private readonly ConcurrentDictionary<string, bool> _valid = new();

    public WorkspaceMetrics(IMeterFactory meters) => meters.Create("CrmGrains.Workspaces").CreateObservableGauge(
        "workspace_configuration_valid",
        () => _valid.Select(workspace => new Measurement<int>(workspace.Value ? 1 : 0, new KeyValuePair<string, object?>("workspace", workspace.Key))),
        description: "1: the workspace's file is in force as it stands; 0: it has faults or is gone, and what was in force before still is.");

    public void FileJudged(string workspace, bool isValid) => _valid[workspace] = isValid;
}
