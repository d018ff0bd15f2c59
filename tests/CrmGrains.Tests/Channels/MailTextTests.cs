using System.Text;
using CrmGrains.Connectors.Channels;
using CrmGrains.Connectors.Channels.Mail;
using CrmGrains.Core.Commands;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Channels;

public sealed class MailTextTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    private static readonly CrmCommand.SendMail Mail = new("mail", "Ada@Example.com", "Welcome", "Hello.", null, null, "welcome");

    [Fact]
    public void A_mail_has_the_headers_that_servers_expect()
    {
        var text = Text(Mail with { ReplyTo = "help@example.com" });

        Assert.Contains("From: \"Nordwind\" <hello@nordwind.test>\r\n", text, StringComparison.Ordinal);
        Assert.Contains("To: <ada@example.com>\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Reply-To: <help@example.com>\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Subject: Welcome\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Date: Mon, 05 Jan 2026 12:00:00 +0000\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Message-ID: <", text, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/plain; charset=utf-8\r\n", text, StringComparison.Ordinal);
        Assert.EndsWith($"\r\n\r\n{Convert.ToBase64String("Hello."u8)}\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_repeat_has_the_id_of_the_first_and_another_effect_has_another()
    {
        Assert.Equal(MailText.IdOf("event/1/mail/send_a", "a@b.test"), MailText.IdOf("event/1/mail/send_a", "a@b.test"));
        Assert.NotEqual(MailText.IdOf("event/1/mail/send_a", "a@b.test"), MailText.IdOf("event/1/mail/send_b", "a@b.test"));
        Assert.Matches("^<[0-9a-f]{32}@b\\.test>$", MailText.IdOf("k", "a@b.test"));
    }

    [Theory]
    [InlineData("Hi\r\nBcc: all@example.com")]
    [InlineData("Hi\nBcc: all@example.com")]
    [InlineData("Hi\u2028Bcc: all@example.com")]
    [InlineData("=?utf-8?B?SGk=?=\r\n\r\n<html>")]
    public void A_subject_never_becomes_another_header(string subject) =>
        Assert.Equal(
            ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"],
            HeaderNames(Text(Mail with { Subject = subject })));

    [Fact]
    public void No_text_becomes_a_header_or_a_line_that_is_too_long() =>
        Prop.ForAll<string, string>((subject, body) =>
        {
            var text = Text(Mail with { Subject = subject ?? "", Text = body ?? "", Html = body ?? "" });
            return HeaderNames(text).Count == 8 && text.Split("\r\n").All(line => line.Length < 900 && line.IndexOfAny(['\r', '\n']) < 0);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("a@b.test\r\nBcc: c@d.test")]
    [InlineData("a@b.test>\r\nRCPT TO:<c@d.test")]
    [InlineData("Ada <a@b.test>")]
    [InlineData("a@b.test, c@d.test")]
    [InlineData("nobody")]
    [InlineData("")]
    public void What_is_not_one_bare_address_is_refused_and_not_told(string address)
    {
        Assert.Equal("invalid_address", MailText.FaultOf(Mail with { To = address })?.Why);
        Assert.Equal("invalid_address", MailText.FaultOf(Mail with { ReplyTo = address })?.Why);
        Assert.DoesNotContain("b.test", MailText.FaultOf(Mail with { To = address })?.Detail ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_mail_that_is_too_large_or_has_no_subject_is_refused()
    {
        Assert.Equal("message_too_large", MailText.FaultOf(Mail with { Text = new string('x', 1024 * 1024), Html = "x" })?.Why);
        Assert.Equal("missing_required_field", MailText.FaultOf(Mail with { Subject = " " })?.Why);
        Assert.Null(MailText.FaultOf(Mail));
    }

    [Theory]
    [InlineData(SmtpStep.Greeting, 554, "permission_denied")]
    [InlineData(SmtpStep.Hello, 421, "server_busy")]
    [InlineData(SmtpStep.StartTls, 502, "tls_unavailable")]
    [InlineData(SmtpStep.Authentication, 535, "authentication_failed")]
    [InlineData(SmtpStep.Authentication, 454, "server_busy")]
    [InlineData(SmtpStep.Sender, 530, "authentication_failed")]
    [InlineData(SmtpStep.Sender, 553, "sender_refused")]
    [InlineData(SmtpStep.Recipient, 451, "mail_deferred")]
    [InlineData(SmtpStep.Recipient, 550, "recipient_refused")]
    [InlineData(SmtpStep.Data, 554, "message_refused")]
    [InlineData(SmtpStep.Content, 451, "mail_deferred")]
    [InlineData(SmtpStep.Content, 552, "message_too_large")]
    [InlineData(SmtpStep.Content, 554, "message_refused")]
    [InlineData(SmtpStep.Content, 354, "may_have_been_sent")]
    [InlineData(SmtpStep.Recipient, 354, "unexpected_reply")]
    internal void An_answer_means_something_else_at_each_step(SmtpStep step, int code, string error) =>
        Assert.Equal(error, new SmtpReply(code, ["5.1.1 <ada@example.com> said no"]).Refusal(step).Error);

    [Fact]
    public void What_a_server_says_is_told_without_addresses() =>
        Assert.Equal(
            "550 5.1.1 <[email]>: no such user",
            Assert.IsType<Verdict.Refused>(new SmtpReply(550, ["5.1.1 <ada@example.com>: no such user"]).Refusal(SmtpStep.Recipient)).Detail);

    private static string Text(CrmCommand.SendMail mail) =>
        Encoding.ASCII.GetString(MailText.Of(mail, "Nordwind <hello@nordwind.test>", "event/1/mail/send_welcome", Noon));

    private static IReadOnlyList<string> HeaderNames(string text) =>
        [.. text[..text.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Split("\r\n").Where(line => line[0] != ' ').Select(line => line.Split(':')[0])];
}
