using System.Text;
using CrmGrains.Intake.Sources;
using CrmGrains.Intake.Sources.Mail;
using CrmGrains.Tests.Intake.Payloads;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class RawMailTests
{
    private const string Mail =
        "From: =?iso-8859-1?Q?Jos=E9?= <jose@example.org>\r\nSubject: =?utf-8?B?w6k=?=\r\n =?utf-8?Q?_two?=\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        + "--x\r\nContent-Type: multipart/alternative; boundary=\"y y\"\r\n\r\n--y y\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=C3=A9=\r\nb\r\n--y y\r\n"
        + "Content-Type: text/html; charset=latin1\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+6Q==\r\n--y y--\r\n--x\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nx\r\n--x--";

    [Fact]
    public void Its_sender_subject_texts_and_files_are_found_however_they_are_packed()
    {
        var mail = RawMail.Read(Encoding.Latin1.GetBytes(Mail));

        Assert.Equal(("José <jose@example.org>", "é two", "aéb", "<b>é"), (mail.From, mail.Subject, mail.Text, mail.Html));
        Assert.Contains("a.pdf", Assert.Single(mail.Attachments), StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_in_parts_are_read_as_deep_as_a_mail_that_somebody_reads()
    {
        Assert.Equal("inner", RawMail.Read(Nested(depth: 5, "inner")).Text);
        Assert.Null(RawMail.Read(Nested(depth: 6, "inner")).Text);
        Assert.Null(Hostile.InTime(() => RawMail.Read(Nested(depth: 15_000, "inner"))).Text);
    }

    [Theory]
    [InlineData("--x\r\n\r\n")]
    [InlineData("--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n")]
    [InlineData("--x\r\nContent-Disposition: attachment; filename=\"=?utf-8?Q?a?=\"\r\n\r\n")]
    [InlineData("=", "--x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")]
    [InlineData("=E9", "--x\r\nContent-Type: text/plain; charset=iso-2022-jp\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")]
    [InlineData("/", "--x\r\nContent-Transfer-Encoding: base64\r\n\r\n")]
    [InlineData("a", "--x\r\nContent-Type: text/plain; charset=utf-16\r\n\r\n")]
    public void A_hostile_body_is_read_in_time(string piece, string beginning = "")
    {
        var body = Hostile.Repeated(piece, $"Content-Type: multipart/mixed; boundary=x\r\n\r\n{beginning}");

        Assert.True(Hostile.InTime(() => RawMail.Read(body)).Attachments.Count <= 100);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("=?")]
    [InlineData("=?a?Q?")]
    [InlineData("=?a?Q?b?=")]
    [InlineData("=?utf-8?B?w6k=?= ")]
    [InlineData("=?x-none?Q?=E9?= ")]
    [InlineData("?= =?")]
    [InlineData("?= ")]
    [InlineData(" ")]
    [InlineData("(")]
    [InlineData("\\")]
    [InlineData("\"")]
    [InlineData("<a@b>,")]
    [InlineData("@")]
    [InlineData("\r\n a")]
    public void A_hostile_header_is_read_in_time(string piece)
    {
        var body = Hostile.Repeated(piece, "From: ", "\r\n\r\n");

        Hostile.InTime(() => (RawMail.Read(body) is var mail, mail.From, mail.Subject));
        var posted = Hostile.Repeated(piece, "--x\r\nContent-Disposition: form-data; name=email\r\n\r\nSubject: a\r\nFrom: ", "\r\n\r\ntext\r\n--x--");
        var delivery = new RawDelivery(A.EventId, A.Received, posted) { ContentType = "multipart/form-data; boundary=x" };
        Assert.NotEmpty(Hostile.InTime(() => SourceFormats.For("sendgrid").Normalize(delivery, A.DiagnosticSource with { Format = "sendgrid" }, A.Workspace)));
    }

    [Fact]
    public void Whatever_the_bytes_are_something_is_read() => Prop.ForAll(
        Mutated.Of(Mail).ToArbitrary(), body => Assert.NotNull(RawMail.Read(body).Attachments)).QuickCheckThrowOnFailure();

    private static byte[] Nested(int depth, string text)
    {
        var mail = new StringBuilder();
        for (var level = 0; level < depth; level++)
            mail.Append($"Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n");
        return Encoding.ASCII.GetBytes(mail.Append("\r\n").Append(text).ToString());
    }
}
