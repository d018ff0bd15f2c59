using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Mail;
using System.Text;
using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources.Mail;

/// <summary>
/// Mail that SendGrid's Inbound Parse took in: a multipart form, in which each field can have a charset of its own; parsed, or with the whole
/// mail in <c>email</c>. Signed where the account asks for it. No id of deliveries: a retry may even have another boundary, so what
/// makes it one event is the mail's own id. SendGrid retries for three days after a 5xx and drops the mail after any other refusal, so
/// nothing of it is refused at the door.
/// </summary>
internal sealed class SendGridMail : SourceFormat
{
    private const int MaxAttachments = 100;

    public override string Name => "sendgrid";

    public override bool HasDeliveryId => true;

    public override string Scheme => "sendgrid";

    public override IReadOnlyList<string> EventTypes => InboundMail.EventTypes;

    public override FormatWords Words => FormatWords.EventType;

    public override BodyKind Body => BodyKind.Any;

    public override bool ReadsHeaders => true;

    private protected override bool TryParse(
        RawDelivery delivery, [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out Fault? fault) =>
        MultipartBody.TryParse(delivery.Body, delivery.ContentType, "charsets", out document, out fault);

    private protected override IEnumerable<Normalized> Read(Reading reading)
    {
        var payload = reading.Payload;
        var raw = Text(reading.Root, "email") is { } whole ? RawMail.Read(Encoding.UTF8.GetBytes(whole)) : null;
        var headers = raw?.Headers
            ?? MimeHeaders.Read(Encoding.UTF8.GetBytes(Text(reading.Root, "headers") ?? ""), out _);
        var from = Sender(payload, raw);
        var text = payload.Beginning("text", Texts.MaxLength) ?? Cut(raw?.Text)
            ?? ((payload.Beginning("html", Texts.MaxLength) ?? Cut(raw?.Html)) is { } html ? HtmlText.Of(html) : null);
        var mail = new InboundMail
        {
            Id = InboundMail.IdOf(headers["Message-ID"]) ?? Texts.Digest(reading.Delivery.Body.Span),
            From = from?.Address,
            FromName = from?.Name,
            To = payload.Line("to", FactReader.MaxPainLength),
            Subject = payload.Line("subject", FactReader.MaxPainLength) ?? raw?.Subject,
            Text = text,
            InReplyTo = InboundMail.IdOf(headers["In-Reply-To"]),
            Attachments = raw?.Attachments ?? Attachments(reading.Root),
            SpamScore = decimal.TryParse(Text(reading.Root, "spam_score"), NumberStyles.Float, CultureInfo.InvariantCulture, out var score) ? score : null,
            SentAt = headers["Date"] is { } date ? SourceInstant.FromMail(date) : null,
        };
        yield return mail.ToEvent(reading, reading.Source.EventType ?? "email.received");
    }

    private static (string Address, string? Name)? Sender(PayloadReader payload, RawMail? raw)
    {
        var written = payload.Line("from", FactReader.MaxUrlLength) ?? raw?.From;
        if (written is null)
        {
            payload.Required<string?>("from", null);
            return null;
        }

        var (address, name) = MailAddress.TryCreate(written, out var parsed) ? (parsed.Address, parsed.DisplayName) : (written, "");
        if (EmailAddress.TryNormalize(address, out var normalized))
            return (normalized, name.Length is > 0 and <= FactReader.MaxNameLength ? name : null);
        payload.Add("from", "email_invalid", "It is no address: send one like name@example.com.");
        return null;
    }

    private static List<string> Attachments(JsonElement root) =>
    [
        .. root.EnumerateObject()
            .SelectMany(field => field.Value.ValueKind == JsonValueKind.Array ? field.Value.EnumerateArray().AsEnumerable() : [field.Value])
            .Where(value => value.ValueKind == JsonValueKind.Object)
            .Take(MaxAttachments)
            .Select(file => Texts.Attachment(
                CleanText.Beginning(Text(file, "name") ?? "", FactReader.MaxNameLength), file.GetProperty("size_bytes").GetDecimal())),
    ];

    private static string? Cut(string? text) => text is null ? null : CleanText.Beginning(text, Texts.MaxLength);

    private static string? Text(JsonElement value, string name) =>
        value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}
