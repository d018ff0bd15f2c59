using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CrmGrains.Intake.Silence;

/// <summary>How silence is watched; section <c>Silence</c>.</summary>
public sealed class SilenceOptions
{
    /// <summary>How often arrivals are stored and silences judged.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>Checks <see cref="SilenceOptions"/> at startup.</summary>
[OptionsValidator]
internal sealed partial class SilenceOptionsValidator : IValidateOptions<SilenceOptions>;
