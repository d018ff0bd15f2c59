using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// Fireflies' meetings, in both versions of its webhooks. Signed with the webhook's secret over the body. No id of deliveries: event, meeting
/// and time make one. The payload has the meeting's id only; the transcript is read with it. A meeting is transcribed once, whichever
/// version tells of it.
/// </summary>
internal sealed class FirefliesMeetings : SourceFormat
{
    private const string DefaultKey = "{source}:{event_type}:{source_record_id}";
    private const string Transcript = "meeting.transcript.completed";
    private const string Summarized = "custom.meeting.summarized";

    public override string Name => "fireflies";

    public override string Scheme => "fireflies";

    public override IReadOnlyList<string> EventTypes { get; } = [Transcript, Summarized];

    public override bool HasDeliveryId => true;

    public override string? DeliveryId(SignedRequest request)
    {
        var body = request.Body.Span;
        if (Sources.DeliveryId.At(body, "event") is { } name)
        {
            return Sources.DeliveryId.At(body, "meeting_id") is { } meeting && Sources.DeliveryId.At(body, "timestamp") is { } at
                ? $"{name}:{meeting}:{at}"
                : null;
        }

        return Sources.DeliveryId.At(body, "eventType") is { } type && Sources.DeliveryId.At(body, "meetingId") is { } id ? $"{type}:{id}" : null;
    }

    private protected override IEnumerable<Normalized> Read(Reading reading)
    {
        var payload = reading.Payload;
        var isFirst = payload.Find("event") is null && payload.Find("eventType") is not null;
        var (typePath, idPath, referencePath) = isFirst
            ? ("eventType", "meetingId", "clientReferenceId")
            : ("event", "meeting_id", "client_reference_id");
        var name = payload.Required(typePath, payload.Line(typePath, FactReader.MaxIdLength));
        var eventType = name switch
        {
            "Transcription completed" or "meeting.transcribed" => Transcript,
            "meeting.summarized" => Summarized,
            _ => null,
        };
        if (eventType is null)
        {
            yield return name is null
                ? new Normalized.Rejected(payload.Faults)
                : new Normalized.Ignored("Of Fireflies' events only transcripts and summaries are taken.");
            yield break;
        }

        var id = payload.Required(idPath, payload.Line(idPath, FactReader.MaxIdLength));
        // The first version doesn't say when.
        var occurredAt = payload.Happened("timestamp", orEpoch: true) ?? reading.Delivery.ReceivedAt;
        using var data = new EventData().Add("meeting_id", id);
        yield return reading.Event(eventType, id, occurredAt, DefaultKey, new EventFacts
        {
            CorrelationId = payload.Line(referencePath, FactReader.MaxIdLength) ?? id, Data = data.ToJson(),
        });
    }
}
