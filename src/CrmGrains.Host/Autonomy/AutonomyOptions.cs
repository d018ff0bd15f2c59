using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CrmGrains.Host.Autonomy;

/// <summary>How often it is looked how kinds of actions go; section <c>Autonomy</c>. The thresholds are the workspaces' configuration.</summary>
public sealed class AutonomyOptions
{
    /// <summary>How often it is looked whether what goes without a person goes wrong.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often it is looked what else may.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "7.00:00:00")]
    public TimeSpan ProposalInterval { get; set; } = TimeSpan.FromHours(1);
}

/// <summary>Checks <see cref="AutonomyOptions"/> at startup.</summary>
[OptionsValidator]
internal sealed partial class AutonomyOptionsValidator : IValidateOptions<AutonomyOptions>;
