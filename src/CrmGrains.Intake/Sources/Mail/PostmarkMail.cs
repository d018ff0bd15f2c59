using System.Globalization;
using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources.Mail;

/// <summary>
/// Mail that Postmark took in. It signs nothing: the address has credentials. <c>MessageID</c> is the delivery's id, the same for its ten
/// retries within some ten hours. What a mail means is the source's <c>event_types</c>, by what stands behind the plus of the mailbox,
/// else its <c>event_type</c>.
/// </summary>
internal sealed class PostmarkMail : SourceFormat
{
    private const int MaxAttachments = 100;
    private const int MaxHeaders = 500;

    public override string Name => "postmark";

    public override string Scheme => "basic";

    public override IReadOnlyList<string> EventTypes => InboundMail.EventTypes;

    public override FormatWords Words => FormatWords.EventType | FormatWords.EventTypes;

    public override bool HasDeliveryId => true;

    public override string? DeliveryId(SignedRequest request) => Sources.DeliveryId.At(request.Body.Span, "MessageID");

    private protected override IEnumerable<Normalized> Read(Reading reading)
    {
        var (payload, source) = (reading.Payload, reading.Source);
        var headers = Headers(payload);
        var serviceId = payload.Required("MessageID", payload.Line("MessageID", FactReader.MaxIdLength));
        var fromPath = payload.Find("FromFull.Email") is null ? "From" : "FromFull.Email";
        var text = payload.Beginning("TextBody", Texts.MaxLength)
            ?? (payload.Beginning("HtmlBody", Texts.MaxLength) is { } html ? HtmlText.Of(html) : null);
        var mail = new InboundMail
        {
            Id = InboundMail.IdOf(headers.GetValueOrDefault("Message-ID")) ?? serviceId,
            From = reading.Facts.Email(fromPath, isRequired: true),
            FromName = payload.Line("FromFull.Name", FactReader.MaxNameLength),
            To = payload.Line(payload.Find("OriginalRecipient") is null ? "To" : "OriginalRecipient", FactReader.MaxUrlLength),
            Subject = payload.Line("Subject", FactReader.MaxUrlLength),
            Text = text,
            InReplyTo = InboundMail.IdOf(headers.GetValueOrDefault("In-Reply-To")),
            Attachments = Attachments(payload),
            SpamScore = decimal.TryParse(headers.GetValueOrDefault("X-Spam-Score"), NumberStyles.Float, CultureInfo.InvariantCulture, out var score) ? score : null,
            SentAt = payload.Line("Date", FactReader.MaxNameLength) is { } date ? SourceInstant.FromMail(date) : null,
        };
        var mailbox = payload.Line("MailboxHash", FactReader.MaxNameLength);
        yield return mail.ToEvent(reading, source.EventTypes.GetValueOrDefault(mailbox ?? "") ?? source.EventType ?? "email.received");
    }

    private static Dictionary<string, string> Headers(PayloadReader payload)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (payload.Find("Headers") is not { ValueKind: JsonValueKind.Array } list)
            return headers;
        foreach (var header in list.EnumerateArray().Take(MaxHeaders))
        {
            if (Text(header, "Name") is { } name && Text(header, "Value") is { } value)
                headers.TryAdd(name, value);
        }

        return headers;
    }

    private static List<string> Attachments(PayloadReader payload) => payload.Find("Attachments") is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Take(MaxAttachments).Select(Attachment)]
        : [];

    private static string Attachment(JsonElement file) => Texts.Attachment(
        Text(file, "Name") is { } name ? CleanText.Beginning(name, FactReader.MaxNameLength) : null,
        file.ValueKind == JsonValueKind.Object && file.TryGetProperty("ContentLength", out var length)
            && length.ValueKind == JsonValueKind.Number && length.TryGetDecimal(out var bytes) ? bytes : null);

    private static string? Text(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;
}
