using System.ComponentModel.DataAnnotations;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>How long calls to HubSpot may take.</summary>
public sealed class HubSpotOptions
{
    /// <summary>Until a connection stands.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Until a call about one thing is answered.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan SingleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Until a batch or a search is answered.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan BatchTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a call waits for its turn; where it would be longer, its writes are given back with the time to wait.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromSeconds(30);
}
