using CrmGrains.Core.Events;

namespace CrmGrains.Intake.Sources.Mail;

/// <summary>
/// A mail that came in, whatever service took it, as an event of the type that the source is for. It is about whom it is from. Its key has
/// the address beside the mail's id: some programs write one id into all of their mails.
/// </summary>
internal sealed record InboundMail
{
    /// <summary>The types that a mail can be of, besides those of the business.</summary>
    public static IReadOnlyList<string> EventTypes { get; } =
        ["email.received", "vendor.replied", "support.ticket.created", "complaint.received"];

    private const string DefaultKey = "{source}:{event_type}:{source_record_id}:{email}";

    /// <summary>The mail's own id, else the service's; null where that has a fault.</summary>
    public required string? Id { get; init; }

    /// <summary>Normalized; null where it has a fault.</summary>
    public required string? From { get; init; }

    public string? FromName { get; init; }

    public string? To { get; init; }

    public string? Subject { get; init; }

    public string? Text { get; init; }

    public string? InReplyTo { get; init; }

    public IReadOnlyList<string> Attachments { get; init; } = [];

    public decimal? SpamScore { get; init; }

    /// <summary>When it was sent; by the clock of whoever sent it.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>A mail's id in one length, as its program may write any.</summary>
    public static string? IdOf(string? written) => written?.Trim() is not { Length: > 0 } id
        ? null
        : id.Length <= FactReader.MaxIdLength && !id.Any(char.IsControl) ? id : Texts.Digest(id);

    /// <summary>The event.</summary>
    public Normalized ToEvent(Reading reading, string eventType)
    {
        var receivedAt = reading.Delivery.ReceivedAt;
        // A mail can't be newer than its arrival, and one that claims to be years old was queued for days at most.
        var occurredAt = SentAt is { } sent && sent < receivedAt && sent > receivedAt.AddDays(-30) ? sent : receivedAt;
        return reading.Event(eventType, Id, occurredAt, DefaultKey, new EventFacts
        {
            CorrelationId = IdOf(InReplyTo),
            Contact = new ContactFacts { Email = From, FullName = FromName },
            Data = DataOf(eventType),
        });
    }

    private System.Text.Json.JsonElement DataOf(string eventType)
    {
        using var data = new EventData();
        switch (eventType)
        {
            case "vendor.replied":
                data.Add("message_id", Id).Add("subject", Subject).Add("reference", InReplyTo);
                break;
            case "support.ticket.created":
                data.Add("ticket_id", Id).Add("subject", Subject ?? Texts.Subject(Text) ?? "A mail without subject").Add("channel", "email");
                break;
            case "complaint.received":
                data.Add("complaint_id", Id).Add("channel", "email");
                break;
            default:
                data.Add("message_id", Id).Add("from", From).Add("to", To).Add("subject", Subject).Add("in_reply_to", InReplyTo)
                    .Add("attachments", Attachments).Add("spam_score", SpamScore);
                break;
        }

        // A complaint without a text is one all the same.
        return data.Add("text", Text ?? (eventType == "complaint.received" ? Subject ?? "A mail without text" : null)).ToJson();
    }
}
