using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// CallRail's webhooks: a call after its end, a form that was captured, a text message. Signed with the company's token over the body. There
/// is an address for each kind and none in the payload, so it is told by its fields. No id of deliveries: a resource is one event
/// however often it comes, unless the source has a type of its own (<c>event_type</c>), for example for the address of modified calls:
/// there each content is one.
/// </summary>
internal sealed class CallRailEvents : SourceFormat
{
    private const string DefaultKey = "{source}:{event_type}:{source_record_id}";
    private const string TextReceived = "custom.text.received";
    private const int MaxAnswers = 100;

    public override string Name => "callrail";

    public override bool HasDeliveryId => true;

    public override string Scheme => "callrail";

    public override IReadOnlyList<string> EventTypes { get; } = ["call.ended", EventType.LeadSubmitted, TextReceived];

    public override FormatWords Words => FormatWords.EventType;

    private protected override IEnumerable<Normalized> Read(Reading reading)
    {
        var payload = reading.Payload;
        if (payload.Find("form_data") is { ValueKind: JsonValueKind.Object } answers)
            yield return ReadForm(reading, answers);
        else if (payload.Find("content") is not null && payload.Find("duration") is null)
            yield return ReadText(reading);
        else if (payload.Find("duration") is null && payload.Find("answered") is null)
            yield return new Normalized.Ignored("CallRail's call goes on: only its end is taken.");
        else
            yield return ReadCall(reading);
    }

    private static Normalized ReadCall(Reading reading)
    {
        var payload = reading.Payload;
        var id = Id(payload);
        var direction = payload.Required("direction", payload.Line("direction", FactReader.MaxIdLength));
        if (direction is not (null or "inbound" or "outbound"))
            payload.Add("direction", "direction_unknown", "It is neither inbound nor outbound.");
        var startedAt = payload.Required("start_time", payload.Happened("start_time", orEpoch: false));
        var duration = payload.Count("duration");
        var outcome = payload.Flag("voicemail") == true ? "voicemail" : payload.Flag("answered") == true ? "answered" : "missed";
        var (customer, tracking) = (payload.Line("customer_phone_number", FactReader.MaxNameLength), payload.Line("tracking_phone_number", FactReader.MaxNameLength));
        var isOutbound = direction == "outbound";
        using var data = new EventData()
            .Add("call_id", id)
            .Add("direction", direction)
            .Add("from", isOutbound ? tracking : customer)
            .Add("to", isOutbound ? customer : tracking)
            .Add("duration_seconds", (decimal?)duration)
            .Add("outcome", outcome)
            .Add("recording_url", payload.Line("recording", FactReader.MaxUrlLength))
            .Add("started_at", startedAt)
            .Add("transcript", payload.Beginning("transcription", Texts.MaxLength));
        return Event(reading, "call.ended", id, startedAt?.AddSeconds(duration ?? 0), new EventFacts
        {
            CorrelationId = id,
            Contact = Caller.Of(reading, "customer_phone_number", "customer_name"),
            Attribution = ReadAttribution(reading),
            Data = data.ToJson(),
        });
    }

    private static Normalized ReadForm(Reading reading, JsonElement answers)
    {
        var (payload, facts) = (reading.Payload, reading.Facts);
        var id = Id(payload);
        var submittedAt = payload.Required("submitted_at", payload.Happened("submitted_at", orEpoch: false));
        if (answers.EnumerateObject().Skip(MaxAnswers).Any())
            payload.Add("form_data", "list_too_long", $"It has more than {MaxAnswers} answers: send fewer.");
        var email = facts.Email(PathOf(reading, "customer_email", "form_data.email"), isRequired: true);
        var contact = Caller.Of(reading, PathOf(reading, "customer_phone_number", "form_data.phone"), PathOf(reading, "customer_name", "form_data.name"));
        using var data = new EventData()
            .Add("form_id", payload.Line("form_id", FactReader.MaxIdLength))
            .Add("form_name", payload.Line("form_name", FactReader.MaxNameLength))
            .Add("answers", answers);
        return Event(reading, EventType.LeadSubmitted, id, submittedAt, new EventFacts
        {
            Contact = contact with { Email = email },
            Company = facts.Company(null, null, email),
            Lead = new LeadFacts(),
            Attribution = ReadAttribution(reading),
            Data = data.ToJson(),
        });
    }

    private static Normalized ReadText(Reading reading)
    {
        var payload = reading.Payload;
        var id = Id(payload);
        var isOutbound = payload.Line("direction", FactReader.MaxIdLength) is "outbound" or "outgoing";
        if (isOutbound && reading.Source.EventType is null)
            return new Normalized.Ignored("CallRail's text message that was sent is not taken.");
        var phone = PathOf(reading, "customer_phone_number", isOutbound ? "destination_number" : "source_number");
        using var data = new EventData()
            .Add("message_id", id)
            .Add("from", payload.Line(phone, FactReader.MaxNameLength))
            .Add("text", payload.Beginning("content", Texts.MaxLength));
        var at = payload.Happened(PathOf(reading, "timestamp", "created_at"), orEpoch: true) ?? reading.Delivery.ReceivedAt;
        return Event(reading, TextReceived, id, at, new EventFacts
        {
            Contact = Caller.Of(reading, phone, "customer_name"), Data = data.ToJson(),
        });
    }

    private static string? Id(PayloadReader payload) => payload.Required("resource_id", payload.Line("resource_id", FactReader.MaxIdLength));

    private static string PathOf(Reading reading, string path, string otherwise) => reading.Payload.Find(path) is null ? otherwise : path;

    private static AttributionFacts? ReadAttribution(Reading reading) => reading.Facts.Attribution(name => name switch
    {
        "referrer" => PathOf(reading, "referrer", "referring_url"),
        "landing_page" => "landing_page_url",
        _ => name,
    });

    private static Normalized Event(Reading reading, string type, string? id, DateTimeOffset? occurredAt, EventFacts facts)
    {
        if (reading.Source.EventType is not { } own || own == type)
            return reading.Event(type, id, occurredAt, DefaultKey, facts);
        return reading.Event(own, id, occurredAt, $"{DefaultKey}:{Texts.Digest(reading.Delivery.Body.Span)}", facts);
    }
}
