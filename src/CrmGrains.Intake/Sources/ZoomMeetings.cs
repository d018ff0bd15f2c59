using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// Zoom's meetings: a transcript that is ready, and a meeting that ended. Signed with the app's secret token over time and body. No id of
/// deliveries: event, meeting and time make one, the same for its three retries within some ninety minutes. <c>uuid</c> is one meeting,
/// <c>id</c> a number that is used again. The host is one of ours, so a meeting says nothing about who the customer is. The token that
/// downloads are made with stays in the stored delivery.
/// </summary>
internal sealed class ZoomMeetings : SourceFormat
{
    private const string DefaultKey = "{source}:{event_type}:{source_record_id}";
    private const string Meeting = "payload.object";
    private const string Ended = "custom.meeting.ended";
    private const string Transcript = "meeting.transcript.completed";

    public override string Name => "zoom";

    public override string Scheme => "zoom";

    public override IReadOnlyList<string> EventTypes { get; } = [Transcript, Ended];

    public override bool HasDeliveryId => true;

    public override string? DeliveryId(SignedRequest request)
    {
        var body = request.Body.Span;
        return Sources.DeliveryId.At(body, "event") is { } name
            && Sources.DeliveryId.At(body, $"{Meeting}.uuid") is { } meeting
            && Sources.DeliveryId.At(body, "event_ts") is { } at
                ? $"{name}:{meeting}:{at}"
                : null;
    }

    private protected override IEnumerable<Normalized> Read(Reading reading)
    {
        var name = reading.Payload.Required("event", reading.Payload.Line("event", FactReader.MaxIdLength));
        yield return name switch
        {
            null => new Normalized.Rejected(reading.Payload.Faults),
            "recording.transcript_completed" => ReadMeeting(reading, Transcript),
            "meeting.ended" => ReadMeeting(reading, Ended),
            _ => new Normalized.Ignored("Of Zoom's events only transcripts and ends of meetings are taken."),
        };
    }

    private static Normalized ReadMeeting(Reading reading, string eventType)
    {
        var payload = reading.Payload;
        var id = payload.Required($"{Meeting}.uuid", payload.Line($"{Meeting}.uuid", FactReader.MaxIdLength));
        var occurredAt = payload.Required("event_ts", payload.Happened("event_ts", orEpoch: true));
        using var data = new EventData()
            .Add("meeting_id", id)
            .Add("title", payload.Line($"{Meeting}.topic", FactReader.MaxUrlLength))
            .Add("started_at", payload.Instant($"{Meeting}.start_time", orEpoch: false))
            .Add("duration_seconds", payload.Count($"{Meeting}.duration") * 60m)
            .Add("participants", payload.Line($"{Meeting}.host_email", FactReader.MaxNameLength) is { } host ? [host] : null)
            .Add("transcript_url", TranscriptUrl(payload));
        return reading.Event(eventType, id, occurredAt, DefaultKey, new EventFacts { CorrelationId = id, Data = data.ToJson() });
    }

    private static string? TranscriptUrl(PayloadReader payload)
    {
        if (payload.Find($"{Meeting}.recording_files") is not { ValueKind: JsonValueKind.Array } files)
            return null;
        for (var i = 0; i < Math.Min(files.GetArrayLength(), 50); i++)
        {
            if (payload.Line($"{Meeting}.recording_files.{i}.file_type", FactReader.MaxIdLength) == "TRANSCRIPT")
                return payload.Line($"{Meeting}.recording_files.{i}.download_url", FactReader.MaxUrlLength);
        }

        return null;
    }
}
