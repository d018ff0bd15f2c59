using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CrmGrains.Intake.Pull;

/// <summary>How payloads are fetched from senders that only call; section <c>Pull</c>.</summary>
public sealed class PullOptions
{
    /// <summary>How long after nothing was found it is looked again for what is due; four times that once nothing was found a few times.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a list that nobody calls for is left alone. Calls get lost, and a webhook that nobody reads from ends after seven days.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan AskUncalledEvery { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Between two pages of one list: Airtable allows five calls a second for each base.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan BetweenPages { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a call may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:02:00")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait after failures; the first one is two seconds, and each is up to twice the one before.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan LongestBackoff { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Lists that are asked at the same time, each of another base.</summary>
    [Range(1, 64)]
    public int AtOnce { get; set; } = 8;
}

/// <summary>Checks <see cref="PullOptions"/> at startup.</summary>
[OptionsValidator]
internal sealed partial class PullOptionsValidator : IValidateOptions<PullOptions>;
