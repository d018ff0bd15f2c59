using CrmGrains.Connectors.Channels.Files;
using CrmGrains.Connectors.Channels.Mail;
using CrmGrains.Connectors.Channels.Outgoing;
using CrmGrains.Connectors.Channels.Slack;
using CrmGrains.Connectors.Channels.Webhooks;
using CrmGrains.Core.Configuration;
using Microsoft.Extensions.Logging;

namespace CrmGrains.Connectors.Channels;

/// <summary>Makes the connectors of channels.</summary>
public static class ChannelConnectors
{
    /// <summary>Connects to a channel; one instance for each, since it keeps the channel's limit. It can be disposed of.</summary>
    /// <param name="channel">What the workspace says of it.</param>
    /// <param name="address">Where it leads, by the reference of its configuration; asked for before each use, never kept. May throw.</param>
    /// <param name="secret">The same for secrets.</param>
    /// <param name="options">What whoever runs the process grants.</param>
    public static IConnector Create(
        ChannelConfiguration channel, Func<string, Uri> address, Func<string, string> secret, ChannelsOptions options, TimeProvider time,
        ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggers);
        var connections = new OutgoingConnections(channel.AllowPrivate && options.AllowPrivate, options.ConnectTimeout, time);
        IDelivery delivery = channel switch
        {
            ChannelConfiguration.Smtp smtp => new MailDelivery(smtp, address, secret, connections, options, time),
            ChannelConfiguration.Slack slack => new NoticeDelivery(slack, address, connections, options, time),
            ChannelConfiguration.Webhook webhook => new WebhookDelivery(webhook, address, secret, connections, options, time),
            ChannelConfiguration.Files files => new FileDelivery(files, options, time),
            _ => throw new InvalidOperationException($"There is no connector for a channel of kind '{channel.Kind}'."),
        };
        return new ChannelConnector(channel, delivery, options, time, loggers.CreateLogger("CrmGrains.Connectors.Channels"));
    }
}
