using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CrmGrains.Host.Configuration;

/// <summary>Where the workspace files are.</summary>
public sealed class WorkspacesOptions
{
    /// <summary>A folder with one <c>.yaml</c> file a workspace; relative to the working directory.</summary>
    [Required]
    public string Folder { get; set; } = "deploy/workspaces";
}

[OptionsValidator]
internal sealed partial class WorkspacesOptionsValidator : IValidateOptions<WorkspacesOptions>;
