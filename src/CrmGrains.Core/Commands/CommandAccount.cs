namespace CrmGrains.Core.Commands;

/// <summary>
/// What the accounts that carry commands out are called in rows, logs and metrics. Names in a workspace have no slash, so a channel's
/// account is never a CRM's.
/// </summary>
public static class CommandAccount
{
    private const string ChannelMark = "channel";

    /// <summary>The account of a CRM: <c>workspace/account</c>.</summary>
    public static string OfCrm(string workspace, string account) => $"{workspace}/{account}";

    /// <summary>A channel: <c>workspace/channel/name</c>.</summary>
    public static string OfChannel(string workspace, string channel) => $"{workspace}/{ChannelMark}/{channel}";

    /// <summary>Whose account it is, and the channel's name; null where it is a CRM's.</summary>
    public static (string Workspace, string? Channel) Parse(string account) => account.Split('/', 3) switch
    {
        [var workspace, ChannelMark, var channel] => (workspace, channel),
        [var workspace, ..] => (workspace, null),
        _ => (account, null),
    };
}
