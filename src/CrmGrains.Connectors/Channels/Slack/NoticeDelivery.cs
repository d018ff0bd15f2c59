using System.Text.Json;
using CrmGrains.Connectors.Channels.Outgoing;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Connectors.Channels.Slack;

/// <summary>
/// Notices by an incoming webhook of Slack. At most once, like mails: what was posted can't be looked for. Source: Slack's pages on incoming
/// webhooks and rate limits.
/// </summary>
internal sealed class NoticeDelivery(
    ChannelConfiguration.Slack channel, Func<string, Uri> address, OutgoingConnections connections, ChannelsOptions options, TimeProvider time)
    : IDelivery, IDisposable
{
    // Slack cuts a text of 40,000 characters; what it takes for & < > is ours to leave room for.
    private const int MaxChars = 30_000;

    // The address is a secret: who has it can post.
    private const string ShownPath = "(incoming webhook)";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ChannelHttp _http = new(connections, options, time);

    public string Object => CrmObject.Notice;

    public int AtOnce => 1;

    public async Task<WriteOutcome> DeliverAsync(Write write, ICallLog calls, CancellationToken cancellationToken)
    {
        var notice = (CrmCommand.PostNotice)write.Command;
        if (write.IsUncertain)
            return Verdict.MayHaveBeenSent.For(write.EffectKey);
        if (string.IsNullOrWhiteSpace(notice.Text))
            return new Verdict.Refused("missing_required_field", "The notice has no text.").For(write.EffectKey);
        var body = JsonSerializer.SerializeToUtf8Bytes(new SlackMessage(Plain(notice.Text)), ChannelJson.Default.SlackMessage);
        return (await PostAsync(body, [write.EffectKey], calls, cancellationToken)).For(write.EffectKey);
    }

    /// <remarks>A message without a text is refused by a webhook that works, and posts nothing.</remarks>
    public async Task<string?> ProbeAsync(ICallLog calls, CancellationToken cancellationToken) =>
        await PostAsync("{}"u8.ToArray(), [], calls, cancellationToken) switch
        {
            Verdict.Closed closed => closed.Error,
            Verdict.Later later => later.Error,
            _ => null,
        };

    public void Dispose() => _http.Dispose();

    /// <summary>A text that means nothing but itself: no mention of everybody, no link under another name.</summary>
    public static string Plain(string text)
    {
        var cut = text.Length > MaxChars ? string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[MaxChars - 1]) ? MaxChars - 1 : MaxChars), "…") : text;
        return cut.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
    }

    /// <summary>What an answer means.</summary>
    public static Verdict Judge(HttpAnswer answer)
    {
        var said = RedactedText.Of($"HTTP {answer.Status} {answer.Body}");
        return answer.Status switch
        {
            200 when answer.Body.Trim() == "ok" => new Verdict.Done(null, "posted", answer.Body),
            200 => Verdict.MayHaveBeenSent,
            429 => new Verdict.Later("rate_limited", said) { RetryAfter = answer.RetryAfter ?? Pause },
            >= 500 or 408 => new Verdict.Later("server_error", said) { RetryAfter = answer.RetryAfter },
            400 or 413 => new Verdict.Refused("invalid_payload", said),
            403 => new Verdict.Closed("permission_denied", said),
            _ => new Verdict.Closed("webhook_gone", said),
        };
    }

    private async Task<Verdict> PostAsync(byte[] body, IReadOnlyList<string> effectKeys, ICallLog calls, CancellationToken cancellationToken)
    {
        Uri url;
        try
        {
            url = address(channel.Url);
        }
        catch (Exception unready)
        {
            return new Verdict.Closed("secret_missing", $"The webhook's address can't be read: {unready.GetType().Name}.");
        }

        return await _http.PostAsync(
            url, ShownPath, body, new Dictionary<string, string>(), effectKeys, Judge, _ => Verdict.MayHaveBeenSent, calls, cancellationToken);
    }
}

/// <summary>What Slack's webhook takes.</summary>
internal sealed record SlackMessage(string Text);
