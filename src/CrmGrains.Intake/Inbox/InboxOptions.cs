using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CrmGrains.Intake.Inbox;

/// <summary>How deliveries are stored; section <c>Inbox</c>.</summary>
public sealed class InboxOptions
{
    /// <summary>Deliveries that share a commit at most.</summary>
    [Range(1, 10_000)]
    public int BatchSize { get; set; } = 500;

    /// <summary>Bytes of bodies that share a commit at most.</summary>
    [Range(1, 256 * 1024 * 1024)]
    public int BatchBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Deliveries that wait for their commit at most; beyond that the gateway answers 503.</summary>
    [Range(1, 1_000_000)]
    public int QueueLength { get; set; } = 4_096;

    /// <summary>How long commits are apart at most while the silo of the same process is behind; 0: they never wait for it.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan LongestGap { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>How long a commit may take before the senders are told to come again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>Checks <see cref="InboxOptions"/> at startup.</summary>
[OptionsValidator]
internal sealed partial class InboxOptionsValidator : IValidateOptions<InboxOptions>;
