using CrmGrains.Core.Configuration;

namespace CrmGrains.Simulation.World;

/// <summary>The one workspace of the simulated world.</summary>
internal sealed class OneWorkspace : IWorkspaces
{
    public static WorkspaceConfiguration Configuration { get; } = new()
    {
        Name = "w", Hash = "simulation", Crm = new CrmAccountConfiguration { Name = "main", Kind = "none", Url = "", Token = "" },
    };

    public WorkspaceConfiguration? Find(string name) => name == Configuration.Name ? Configuration : null;
}
