using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CrmGrains.Intake.Replays;

/// <summary>The lane of replays; section <c>Replay</c>.</summary>
public sealed class ReplayOptions
{
    /// <summary>Deliveries that are sent once more in a second, all replays together.</summary>
    [Range(1, 100_000)]
    public int PerSecond { get; set; } = 200;

    /// <summary>Nothing is sent while as many messages wait in all queues, or more: live events go first.</summary>
    [Range(1, 1_000_000)]
    public int MostWaiting { get; set; } = 500;

    /// <summary>Deliveries that are looked at in one statement, where a filter means few of many.</summary>
    [Range(100, 100_000)]
    public int MostScanned { get; set; } = 5_000;

    /// <summary>How often it is looked whether there is a replay, and whether another process has stopped running them.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(3);
}

/// <summary>Checks <see cref="ReplayOptions"/> at startup.</summary>
[OptionsValidator]
internal sealed partial class ReplayOptionsValidator : IValidateOptions<ReplayOptions>;
