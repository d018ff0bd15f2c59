using System.Text;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Host.Samples;
using CrmGrains.Intake.Signatures;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Tests.Intake.Sources;

/// <summary>What calls, messages, meetings and mails become, by the samples that their senders' formats have.</summary>
public sealed class SampleEventsTests
{
    [Theory]
    [InlineData("twilio", "call_ended", "call.ended", "CA0000000000000000000000000000d001:completed:3")]
    [InlineData("twilio", "call_recorded", "custom.call.recorded", "RE0000000000000000000000000000d001:completed")]
    [InlineData("twilio", "call_transcribed", "custom.call.transcribed", "TR0000000000000000000000000000d001:completed")]
    [InlineData("callrail", "call_ended", "call.ended", null)]
    [InlineData("callrail", "form_submitted", "lead.submitted", null)]
    [InlineData("callrail", "text_received", "custom.text.received", null)]
    [InlineData("slack", "message", "custom.slack.message", "Ev0DEMO0001")]
    [InlineData("zoom", "transcript_completed", "meeting.transcript.completed", "recording.transcript_completed:demoUuid1==:1777227102123")]
    [InlineData("zoom", "meeting_ended", "custom.meeting.ended", "meeting.ended:demoUuid1==:1777227000123")]
    [InlineData("fireflies", "transcribed", "meeting.transcript.completed", "meeting.transcribed:DemoMeet01:1777227102123")]
    [InlineData("fireflies", "summarized", "custom.meeting.summarized", "meeting.summarized:DemoMeet01:1777227202123")]
    [InlineData("fireflies", "transcribed_v1", "meeting.transcript.completed", "Transcription completed:DemoMeet02")]
    [InlineData("transcript", "completed", "meeting.transcript.completed", null)]
    [InlineData("postmark", "email_received", "email.received", "22c74902-0000-4000-8000-00000000d001")]
    [InlineData("sendgrid", "email_received", "email.received", null)]
    [InlineData("sendgrid", "email_received_raw", "email.received", null)]
    public void A_sample_becomes_an_event_and_its_delivery_has_its_senders_id(string format, string name, string type, string? deliveryId)
    {
        var sample = Sample(format, name);

        Assert.Equal(type, Event(format, name).EventType);
        Assert.Equal(deliveryId, SourceFormats.For(format).DeliveryId(new SignedRequest(sample.Body(), _ => [])));
    }

    [Fact]
    public void A_call_is_about_its_caller()
    {
        var call = Event("twilio", "call_ended");

        Assert.Equal("+12025550143", call.Contact.Phone);
        Assert.Equal("2026-04-26T18:11:42.0000000+00:00", call.OccurredAt.ToString("O"));
        Assert.Equal("""{"call_id":"CA0000000000000000000000000000d001","direction":"inbound","from":"\u002B12025550143","to":"\u002B12025550199","duration_seconds":73,"outcome":"answered"}""", call.Data?.GetRawText());
    }

    [Theory]
    [InlineData("CallStatus=completed", "CallStatus=ringing", typeof(Normalized.Ignored))]
    [InlineData("CallStatus=completed", "CallStatus=gone", typeof(Normalized.Rejected))]
    [InlineData("Direction=inbound", "Direction=up", typeof(Normalized.Rejected))]
    [InlineData("CallSid=", "Sid=", typeof(Normalized.Rejected))]
    [InlineData("From=%2B12025550143", "From=anonymous", typeof(Normalized.Event))]
    public void A_call_that_goes_on_is_ignored_one_that_is_incomplete_rejected_and_one_without_a_number_taken(string was, string becomes, Type judged)
    {
        var body = Encoding.UTF8.GetString(Sample("twilio", "call_ended").Body()).Replace(was, becomes, StringComparison.Ordinal);

        Assert.IsType(judged, Judged("twilio", Encoding.UTF8.GetBytes(body), "application/x-www-form-urlencoded"));
    }

    [Theory]
    [InlineData("C0SUPPORT", "support.ticket.created")]
    [InlineData("C0OTHER", null)]
    public void A_message_means_what_its_channel_is_for(string channel, string? type)
    {
        var judged = Judged("slack", Sample("slack", "ticket_created").Body(), "application/json", source => source with
        {
            EventTypes = new Dictionary<string, string> { [channel] = "support.ticket.created" },
        });

        Assert.Equal(type, (judged as Normalized.Event)?.Value.EventType);
        Assert.Equal(type is null, judged is Normalized.Ignored);
    }

    [Theory]
    [InlineData("email_received", "Re: Angebot für Zürich")]
    [InlineData("email_received_raw", "Angebot für Zürich")]
    public void A_mail_is_read_in_the_charset_that_each_of_its_parts_has(string name, string subject)
    {
        var mail = Event("sendgrid", name);

        Assert.Equal(("ops@example.com", "Elena Moretti"), (mail.Contact.Email, mail.Contact.FullName));
        Assert.Equal((subject, "Wir nehmen an, Grüße."), (Text(mail, "subject"), Text(mail, "text")));
        Assert.StartsWith("po.pdf", mail.Data?.GetProperty("attachments")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mail_means_what_its_mailbox_is_for()
    {
        var judged = Judged("postmark", Sample("postmark", "email_received").Body(), "application/json", source => source with
        {
            EventType = "email.received", EventTypes = new Dictionary<string, string> { ["t1"] = "vendor.replied" },
        });

        var mail = Assert.IsType<Normalized.Event>(judged).Value;
        Assert.Equal(("vendor.replied", "<offer42@crm.test>"), (mail.EventType, Text(mail, "reference")));
        Assert.Equal("postmark:vendor.replied:<demo1@example.com>:ops@example.com", mail.IdempotencyKey);
    }

    private static string? Text(ContractEvent one, string name) => one.Data?.GetProperty(name).GetString();

    private static FormatSample Sample(string format, string name) => FormatSample.Of(format).Single(sample => sample.Event == name);

    private static ContractEvent Event(string format, string name) =>
        Assert.IsType<Normalized.Event>(Judged(format, Sample(format, name).Body(), Sample(format, name).Headers()["Content-Type"])).Value;

    private static Normalized Judged(
        string format, byte[] body, string contentType, Func<SourceConfiguration, SourceConfiguration>? with = null)
    {
        var source = A.DiagnosticSource with { Name = format, Format = format, System = format, IdempotencyKey = null };
        return Assert.Single(SourceFormats.For(format).Normalize(
            new RawDelivery(A.EventId, A.Received, body) { ContentType = contentType }, with is null ? source : with(source), A.Workspace));
    }
}
