namespace CrmGrains.Connectors.Channels.Mail;

/// <summary>Where in the conversation an answer came.</summary>
internal enum SmtpStep
{
    Greeting,
    Hello,
    StartTls,
    Authentication,
    Sender,
    Recipient,
    Data,

    /// <summary>The whole mail was told, so it may have been taken.</summary>
    Content,
}

/// <summary>What a mail server answered.</summary>
/// <param name="Code">Three digits; the first says whether it went well.</param>
/// <param name="Lines">What stands behind the code, line by line.</param>
internal sealed record SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    // Servers that put a mail off for having no history with its sender (greylisting) want minutes to pass.
    private static readonly TimeSpan Deferred = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(30);

    public string Text => string.Join(' ', Lines);

    /// <summary>What it means that a step wasn't answered with what it should be (RFC 5321, section 4.2.1).</summary>
    public Verdict Refusal(SmtpStep step)
    {
        var said = RedactedText.Of($"{Code} {Text}");
        return (step, Code) switch
        {
            (SmtpStep.Recipient or SmtpStep.Content, >= 400 and < 500 and not 421) =>
                new Verdict.Later("mail_deferred", said) { RetryAfter = Deferred, IsOfThisOneOnly = true },
            (_, >= 400 and < 500) => new Verdict.Later("server_busy", said) { RetryAfter = Busy },
            (SmtpStep.Authentication, >= 500) or (_, 530 or 534 or 535 or 538) => new Verdict.Closed("authentication_failed", said),
            (SmtpStep.Sender or SmtpStep.Content, 552) => new Verdict.Refused("message_too_large", said),
            (SmtpStep.Sender, >= 500) => new Verdict.Closed("sender_refused", said),
            (SmtpStep.Recipient, >= 500) => new Verdict.Refused("recipient_refused", said),
            (SmtpStep.Data or SmtpStep.Content, >= 500) => new Verdict.Refused("message_refused", said),
            (SmtpStep.StartTls, _) => new Verdict.Closed("tls_unavailable", said),
            (SmtpStep.Content, _) => Verdict.MayHaveBeenSent,
            (_, >= 500) => new Verdict.Closed("permission_denied", said),
            _ => new Verdict.Later("unexpected_reply", said) { RetryAfter = Busy },
        };
    }
}
