namespace CrmGrains.Core.Configuration;

/// <summary>The configurations in force. They may change at any time; what was found stays as it was.</summary>
public interface IWorkspaces
{
    /// <summary>The workspace's configuration; null where there is none of that name.</summary>
    WorkspaceConfiguration? Find(string name);

    /// <summary>The sources whose deliveries are accepted and wait, as <c>workspace/source</c>.</summary>
    IReadOnlyList<string> PausedSources => [];
}
