using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CrmGrains.Intake.Drift;

/// <summary>How closely payloads are watched; section <c>Drift</c>.</summary>
public sealed class DriftOptions
{
    /// <summary>
    /// Deliveries of a type after which a path that was always there is taken to be meant so. Paths that nobody reads, and the words of a
    /// field, take four times as many.
    /// </summary>
    [Range(1, 100_000)]
    public int LearnFrom { get; set; } = 50;

    /// <summary>Once that much is learned, one delivery of so many is looked at as a whole; the mapped fields are in each.</summary>
    [Range(1, 1_000_000)]
    public int SampleEvery { get; set; } = 64;

    /// <summary>How often what was learned is stored, and what others stored and accepted is read.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>Checks <see cref="DriftOptions"/> at startup.</summary>
[OptionsValidator]
internal sealed partial class DriftOptionsValidator : IValidateOptions<DriftOptions>;
