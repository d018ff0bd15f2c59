using System.Text.RegularExpressions;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads <c>channels</c>.</summary>
internal static partial class ChannelReader
{
    /// <summary>The kinds that there are.</summary>
    public static readonly IReadOnlyList<string> Kinds =
        [ChannelConfiguration.Smtp.KindName, ChannelConfiguration.Slack.KindName, ChannelConfiguration.Webhook.KindName, ChannelConfiguration.Files.KindName];

    public static IReadOnlyDictionary<string, ChannelConfiguration> Read(Value? channels) =>
        channels?.Named(entry => Channel(entry.Key, entry.Value)) ?? new Dictionary<string, ChannelConfiguration>();

    // The kind is read first: it says which other keys there are.
    private static ChannelConfiguration? Channel(string name, Value value)
    {
        var kind = (value.Entries() ?? []).FirstOrDefault(entry => entry.Key == "kind");
        if (kind is null)
        {
            value.Fault("The key `kind` is missing. Add it.");
            return null;
        }

        return kind.Value.OneOf(Kinds, "the kind of channel") switch
        {
            ChannelConfiguration.Smtp.KindName => Smtp(name, value),
            ChannelConfiguration.Slack.KindName => Slack(name, value),
            ChannelConfiguration.Webhook.KindName => Webhook(name, value),
            ChannelConfiguration.Files.KindName => Files(name, value),
            _ => null,
        };
    }

    private static ChannelConfiguration.Smtp Smtp(string name, Value value)
    {
        var section = value.Section(["kind", "url", "from"], ["user", "password", "tls", "allow_private", "limits"]);
        var (user, password) = (section["user"]?.Line(), section["password"] is { } reference ? CrmReader.Secret(reference) : null);
        if (section["user"] is { } lonelyUser && section["password"] is null)
            lonelyUser.Fault("There is a user and no `password`. Add a reference to it, or take the user out.");
        if (section["password"] is { } lonelyPassword && section["user"] is null)
            lonelyPassword.Fault("There is a password and no `user`. Add the user, or take the password out.");
        var isTlsRequired = section["tls"]?.OneOf(["required", "none"], "the use of TLS") != "none";
        if (!isTlsRequired && section["allow_private"]?.Flag() != true)
            section["tls"]?.Fault("Without TLS mails go to private addresses only. Set `tls: required`, or `allow_private: true` for a server of the house.");
        return new ChannelConfiguration.Smtp(
            section["url"] is { } url ? MailServer(url) ?? "" : "", section["from"] is { } from ? Sender(from) ?? "" : "", user, password, isTlsRequired)
        {
            Name = name, Limit = Limit(section, new RateLimit(60, TimeSpan.FromMinutes(1))), AllowPrivate = section["allow_private"]?.Flag() ?? false,
        };
    }

    private static ChannelConfiguration.Slack Slack(string name, Value value)
    {
        var section = value.Section(["kind", "url"], ["allow_private", "limits"]);
        return new ChannelConfiguration.Slack(section["url"] is { } url ? CrmReader.Secret(url) ?? "" : "")
        {
            Name = name, Limit = Limit(section, new RateLimit(1, TimeSpan.FromSeconds(1))), AllowPrivate = section["allow_private"]?.Flag() ?? false,
        };
    }

    private static ChannelConfiguration.Webhook Webhook(string name, Value value)
    {
        var section = value.Section(["kind", "url", "secret"], ["allow_private", "limits"]);
        return new ChannelConfiguration.Webhook(
            section["url"] is { } url ? CrmReader.Address(url) ?? "" : "", section["secret"] is { } secret ? CrmReader.Secret(secret) ?? "" : "")
        {
            Name = name, Limit = Limit(section, new RateLimit(50, TimeSpan.FromSeconds(10))), AllowPrivate = section["allow_private"]?.Flag() ?? false,
        };
    }

    private static ChannelConfiguration.Files Files(string name, Value value)
    {
        var section = value.Section(["kind", "folder"], ["limits"]);
        return new ChannelConfiguration.Files(section["folder"] is { } folder ? Folder(folder) ?? "" : "")
        {
            Name = name, Limit = Limit(section, new RateLimit(1_000, TimeSpan.FromSeconds(10))),
        };
    }

    private static RateLimit Limit(Section section, RateLimit otherwise) =>
        section["limits"]?.Section([], ["general"])["general"] is { } general ? CrmReader.Limit(general) ?? otherwise : otherwise;

    private static string? MailServer(Value value)
    {
        if (value.Line() is not { } text)
            return null;
        var address = SecretReference.Parse(text) is { } reference ? reference.Default : text;
        return address is null || Addresses.IsMailServer(address) ? text
            : value.Wrong<string>("must be `smtp://host:port` or `smtps://host:port` without user and password, or a reference to one with or without a default");
    }

    private static string? Sender(Value value) => value.Line() is not { } text ? null
        : System.Net.Mail.MailAddress.TryCreate(text, out var sender) && EmailAddress.TryNormalize(sender.Address, out _) ? text
        : value.Wrong<string>("must be an address, `name@example.com` or `Name <name@example.com>`");

    private static string? Folder(Value value) => value.Line() is not { } text ? null
        : text.Length <= 200 && FolderPattern().IsMatch(text) ? text
        : value.Wrong<string>("must be a folder below the one that the process allows: names of letters, digits, `-` and `_` with `/` between them");

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}(/[A-Za-z0-9_-]{1,64}){0,7}\\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex FolderPattern();
}
