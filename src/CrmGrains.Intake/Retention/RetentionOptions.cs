using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CrmGrains.Intake.Retention;

/// <summary>How what is old is purged; section <c>Retention</c>. How long it stays is the workspaces' configuration.</summary>
public sealed class RetentionOptions
{
    /// <summary>How often it is looked for what has become old.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Rows that one transaction looks at.</summary>
    [Range(1, 10_000)]
    public int BatchSize { get; set; } = 500;

    /// <summary>The rest after each transaction that purged something, so that live work has the disk.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan Rest { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Nothing is purged while as many messages wait in all queues, or more.</summary>
    [Range(1, 1_000_000)]
    public int MostWaiting { get; set; } = 2_000;
}

/// <summary>Checks <see cref="RetentionOptions"/> at startup.</summary>
[OptionsValidator]
internal sealed partial class RetentionOptionsValidator : IValidateOptions<RetentionOptions>;
