using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CrmGrains.Connectors.Channels;

/// <summary>What whoever runs the process grants the channels of all workspaces, and how patient they are.</summary>
public sealed class ChannelsOptions
{
    /// <summary>
    /// Whether a workspace may have channels that lead to private addresses (its <c>allow_private</c>). Without it no configuration can make
    /// this process call what only its own network reaches.
    /// </summary>
    public bool AllowPrivate { get; set; }

    /// <summary>The folder below which channels drop files; empty: none may.</summary>
    public string FileRoot { get; set; } = "";

    /// <summary>Until a connection stands.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Until a webhook answers; for a mail, until the server answers what it was told last.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a message waits for its turn; where it would be longer, it is given back with the time to wait.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>Checks <see cref="ChannelsOptions"/> at startup.</summary>
[OptionsValidator]
public sealed partial class ChannelsOptionsValidator : IValidateOptions<ChannelsOptions>;
