using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CrmGrains.Runtime.Silos;

/// <summary>How a silo runs its partitions; section <c>Silo</c>.</summary>
public sealed class SiloOptions
{
    /// <summary>Batches that run at the same time; each holds one connection.</summary>
    [Range(1, 64)]
    public int Workers { get; set; } = 2;

    /// <summary>Messages handled in one transaction: larger batches share a commit, smaller ones answer sooner.</summary>
    [Range(1, 10_000)]
    public int BatchSize { get; set; } = 500;

    /// <summary>
    /// Partitions that one transaction takes where each holds little. With 8 of 64 a flood of small mailboxes made batches of a dozen
    /// messages and half the throughput.
    /// </summary>
    [Range(1, 64)]
    public int PartitionsPerBatch { get; set; } = 64;

    /// <summary>How long messages of another silo's partition wait before this silo takes it over.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan StealAfter { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How often a silo looks for work that nobody told it of.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(750);

    /// <summary>How long a batch may go on once the silo was asked to stop.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>States kept in memory, all partitions together: about 2 KB each.</summary>
    [Range(64, 10_000_000)]
    public int CachedStates { get; set; } = 16_000;

    /// <summary>Messages in a workspace's mailboxes from which on its intake is held back.</summary>
    [Range(1, 10_000_000)]
    public int MailboxDepth { get; set; } = 20_000;
}

/// <summary>Checks <see cref="SiloOptions"/> at startup.</summary>
[OptionsValidator]
internal sealed partial class SiloOptionsValidator : IValidateOptions<SiloOptions>;
