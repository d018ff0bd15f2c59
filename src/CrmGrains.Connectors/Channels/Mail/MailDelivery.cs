using System.Net.Sockets;
using CrmGrains.Connectors.Channels.Outgoing;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Connectors.Channels.Mail;

/// <summary>
/// Mails, one conversation each. At most once: a mail that may have been taken is never sent again by itself, because no mail server can be
/// asked for it and a customer who gets a mail twice is worse off than one whom a person asks.
/// </summary>
internal sealed class MailDelivery(
    ChannelConfiguration.Smtp channel, Func<string, Uri> address, Func<string, string> secret, OutgoingConnections connections,
    ChannelsOptions options, TimeProvider time) : IDelivery
{
    private const int SubmissionPort = 587;
    private const int TlsFirstPort = 465;
    private const string TlsFirstScheme = "smtps";

    public string Object => CrmObject.Mail;

    public int AtOnce => 1;

    public async Task<WriteOutcome> DeliverAsync(Write write, ICallLog calls, CancellationToken cancellationToken)
    {
        var mail = (CrmCommand.SendMail)write.Command;
        if (write.IsUncertain)
            return Verdict.MayHaveBeenSent.For(write.EffectKey);
        if (MailText.FaultOf(mail) is { } fault)
            return fault.For(write.EffectKey);
        var verdict = await ConverseAsync(
            async conversation => await conversation.SendAsync(
                MailText.SenderOf(mail.To) ?? mail.To, MailText.Of(mail, channel.From, write.EffectKey, time.GetUtcNow()),
                MailText.IdOf(write.EffectKey, MailText.SenderOf(channel.From) ?? ""), cancellationToken),
            "MAIL", [write.EffectKey], calls, cancellationToken);
        return (verdict ?? Verdict.MayHaveBeenSent).For(write.EffectKey);
    }

    public async Task<string?> ProbeAsync(ICallLog calls, CancellationToken cancellationToken) =>
        (await ConverseAsync(conversation => conversation.TryAsync(cancellationToken), "PROBE", [], calls, cancellationToken))?.Error;

    private async Task<Verdict?> ConverseAsync(
        Func<SmtpConversation, Task<Verdict?>> act, string name, IReadOnlyList<string> effectKeys, ICallLog calls,
        CancellationToken cancellationToken)
    {
        if (MailText.SenderOf(channel.From) is not { } from)
            return new Verdict.Closed("sender_refused", "The channel's `from` is no address.");
        Uri url;
        SmtpSettings settings;
        try
        {
            url = address(channel.Url);
            settings = new SmtpSettings(
                url.Host, url.Scheme == TlsFirstScheme, channel.IsTlsRequired, channel.User,
                channel.Password is null ? null : secret(channel.Password), from);
        }
        catch (Exception unready)
        {
            return new Verdict.Closed("secret_missing", $"The server's address or password can't be read: {unready.GetType().Name}.");
        }

        var (beganAt, start) = (time.GetUtcNow(), time.GetTimestamp());
        var port = url.Port > 0 ? url.Port : settings.IsTlsFirst ? TlsFirstPort : SubmissionPort;
        SmtpConversation? conversation = null;
        Verdict? verdict = null;
        var isEnded = false;
        try
        {
            var isInTheClear = !settings.IsTlsFirst && !settings.IsTlsRequired;
            var stream = await connections.ConnectAsync(url.Host, port, isPrivateOnly: isInTheClear, cancellationToken);
            conversation = new SmtpConversation(stream, settings, options.AnswerTimeout, time);
            verdict = await act(conversation);
            isEnded = true;
            return verdict;
        }
        catch (AddressRefusedException refused)
        {
            return verdict = new Verdict.Closed("address_refused", refused.Message);
        }
        catch (Exception broken) when (broken is IOException or TimeoutException or SocketException or InvalidDataException or OperationCanceledException)
        {
            return verdict = conversation?.MayHaveTaken == true
                ? Verdict.MayHaveBeenSent
                : new Verdict.Later(
                    conversation is null ? "connection_failed" : broken is TimeoutException or OperationCanceledException ? "network_timeout" : "connection_lost",
                    broken is SocketException socket ? $"No connection: {socket.SocketErrorCode}." : RedactedText.Of(broken.Message));
        }
        finally
        {
            if (conversation is not null)
                await conversation.DisposeAsync();
            calls.Add(new CrmCall
            {
                Method = "SMTP",
                Path = name,
                Status = conversation?.LastReply?.Code,
                Response = RedactedText.Of(conversation?.LastReply?.Text),
                Outcome = verdict?.Name ?? (isEnded ? "succeeded" : "unknown"),
                BeganAt = beganAt,
                Took = time.GetElapsedTime(start),
                EffectKeys = effectKeys,
            });
        }
    }
}
