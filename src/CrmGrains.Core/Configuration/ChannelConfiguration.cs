namespace CrmGrains.Core.Configuration;

/// <summary>A way out of the workspace beside its CRM: where it leads, how fast it may be used. A closed set.</summary>
public abstract record ChannelConfiguration
{
    private ChannelConfiguration() { }

    /// <summary>The channel's name within the workspace.</summary>
    public required string Name { get; init; }

    /// <summary>How often it may be used.</summary>
    public required RateLimit Limit { get; init; }

    /// <summary>
    /// Whether it leads to a private address, such as a server of the house. Whoever runs the process has to allow it too.
    /// </summary>
    public bool AllowPrivate { get; init; }

    /// <summary>As metrics and the workspace's file name it.</summary>
    public abstract string Kind { get; }

    /// <summary>References to all secrets that it needs.</summary>
    public virtual IReadOnlyList<string> Secrets => [];

    /// <summary>Mails by a server that takes them in.</summary>
    /// <param name="Url"><c>smtp://host:port</c> or <c>smtps://host:port</c>, or a reference to one.</param>
    /// <param name="From">The sender: <c>name@example.com</c> or <c>Name &lt;name@example.com&gt;</c>.</param>
    /// <param name="User">Null: the server asks for none.</param>
    /// <param name="Password">A reference; null where there is no user.</param>
    /// <param name="IsTlsRequired">False: mails and password go in the clear, which is let out to private addresses only.</param>
    public sealed record Smtp(string Url, string From, string? User, string? Password, bool IsTlsRequired) : ChannelConfiguration
    {
        /// <summary>As the workspace's file names it.</summary>
        public const string KindName = "smtp";

        /// <inheritdoc/>
        public override string Kind => KindName;

        /// <inheritdoc/>
        public override IReadOnlyList<string> Secrets => Password is null ? [] : [Password];
    }

    /// <summary>Notices by an incoming webhook of Slack.</summary>
    /// <param name="Url">A reference to the address, which is a secret: who has it can post.</param>
    public sealed record Slack(string Url) : ChannelConfiguration
    {
        /// <summary>As the workspace's file names it.</summary>
        public const string KindName = "slack";

        /// <inheritdoc/>
        public override string Kind => KindName;

        /// <inheritdoc/>
        public override IReadOnlyList<string> Secrets => [Url];
    }

    /// <summary>Calls of somebody's webhook, signed as Standard Webhooks 1.0 says.</summary>
    /// <param name="Url">Where it is: an address, or a reference to one.</param>
    /// <param name="Secret">A reference to a <c>whsec_</c> secret that the receiver has too.</param>
    public sealed record Webhook(string Url, string Secret) : ChannelConfiguration
    {
        /// <summary>As the workspace's file names it.</summary>
        public const string KindName = "webhook";

        /// <inheritdoc/>
        public override string Kind => KindName;

        /// <inheritdoc/>
        public override IReadOnlyList<string> Secrets => [Secret];
    }

    /// <summary>Files in a folder.</summary>
    /// <param name="Folder">Below the root that whoever runs the process allows; names with <c>/</c> between them.</param>
    public sealed record Files(string Folder) : ChannelConfiguration
    {
        /// <summary>As the workspace's file names it.</summary>
        public const string KindName = "file";

        /// <inheritdoc/>
        public override string Kind => KindName;
    }
}
