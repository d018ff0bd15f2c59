using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// Twilio's voice callbacks, which are forms: the status of a call, and what was recorded and transcribed of it. Signed with the account's
/// token over address and fields. A call's status has a number within the call, which is the delivery's id; Twilio hardly retries, and a
/// status that comes twice is one event, as a call ends once.
/// </summary>
internal sealed class TwilioCalls : SourceFormat
{
    private const string DefaultKey = "{source}:{event_type}:{source_record_id}";

    private const string Recorded = "custom.call.recorded";
    private const string Transcribed = "custom.call.transcribed";

    public override string Name => "twilio";

    public override string Scheme => "twilio";

    public override IReadOnlyList<string> EventTypes { get; } = ["call.ended", Recorded, Transcribed];

    public override BodyKind Body => BodyKind.Form;

    public override bool ReadsHeaders => true;

    public override bool HasDeliveryId => true;

    public override string? DeliveryId(SignedRequest request)
    {
        var form = request.Body.Span;
        foreach (var (id, state) in (ReadOnlySpan<(string, string)>)[("TranscriptionSid", "TranscriptionStatus"), ("RecordingSid", "RecordingStatus")])
        {
            if (FormBody.Find(form, id) is { Length: > 0 } sid && FormBody.Find(form, state) is { Length: > 0 } status)
                return $"{sid}:{status}";
        }

        return FormBody.Find(form, "CallSid") is { Length: > 0 } call
            && FormBody.Find(form, "CallStatus") is { Length: > 0 } callStatus
            && FormBody.Find(form, "SequenceNumber") is { Length: > 0 } number
                ? $"{call}:{callStatus}:{number}"
                : null;
    }

    private protected override bool TryParse(
        RawDelivery delivery, [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out Fault? fault) =>
        FormBody.TryParse(delivery.Body, delivery.ContentType, out document, out fault);

    private protected override IEnumerable<Normalized> Read(Reading reading)
    {
        var payload = reading.Payload;
        if (payload.Line("TranscriptionSid", FactReader.MaxIdLength) is { } transcription)
            yield return ReadTranscription(reading, transcription);
        else if (payload.Find("RecordingStatus") is not null)
            yield return ReadRecording(reading);
        else
            yield return ReadCall(reading);
    }

    private static Normalized ReadCall(Reading reading)
    {
        var payload = reading.Payload;
        var callId = payload.Required("CallSid", payload.Line("CallSid", FactReader.MaxIdLength));
        var status = payload.Required("CallStatus", payload.Line("CallStatus", FactReader.MaxIdLength));
        if (status is "queued" or "initiated" or "ringing" or "in-progress" or "answered")
            return new Normalized.Ignored("Twilio's call goes on: only its end is taken.");
        var outcome = payload.Line("AnsweredBy", FactReader.MaxIdLength) is { } by && by.StartsWith("machine", StringComparison.Ordinal)
            ? "voicemail"
            : OutcomeOf(status);
        if (status is not null && outcome is null)
            payload.Add("CallStatus", "status_unknown", "It is no status of a call: see Twilio's list.");
        var direction = ReadDirection(payload);
        var facts = new EventFacts
        {
            CorrelationId = payload.Line("ParentCallSid", FactReader.MaxIdLength) ?? callId,
            Contact = Caller.Of(reading, direction == "outbound" ? "To" : "From"),
        };
        using var data = new EventData()
            .Add("call_id", callId)
            .Add("direction", direction)
            .Add("from", payload.Line("From", FactReader.MaxNameLength))
            .Add("to", payload.Line("To", FactReader.MaxNameLength))
            .Add("duration_seconds", (decimal?)payload.Count("CallDuration"))
            .Add("outcome", outcome)
            .Add("recording_url", payload.Line("RecordingUrl", FactReader.MaxUrlLength));
        return reading.Event("call.ended", callId, OccurredAt(reading, "Timestamp"), DefaultKey, facts with { Data = data.ToJson() });
    }

    // It names neither caller nor callee: the call's id ties it to the call.
    private static Normalized ReadRecording(Reading reading)
    {
        var payload = reading.Payload;
        var id = payload.Required("RecordingSid", payload.Line("RecordingSid", FactReader.MaxIdLength));
        var callId = payload.Required("CallSid", payload.Line("CallSid", FactReader.MaxIdLength));
        if (payload.Line("RecordingStatus", FactReader.MaxIdLength) is { } status and not "completed")
            return new Normalized.Ignored(status is "in-progress" or "absent" or "failed"
                ? $"Twilio's recording is {status}: only a completed one is taken."
                : "Twilio's recording isn't completed.");
        using var data = new EventData()
            .Add("call_id", callId)
            .Add("recording_id", id)
            .Add("recording_url", payload.Line("RecordingUrl", FactReader.MaxUrlLength))
            .Add("duration_seconds", (decimal?)payload.Count("RecordingDuration"));
        return reading.Event(Recorded, id, OccurredAt(reading, "RecordingStartTime"), DefaultKey, new EventFacts
        {
            CorrelationId = callId, Data = data.ToJson(),
        });
    }

    private static Normalized ReadTranscription(Reading reading, string id)
    {
        var payload = reading.Payload;
        var callId = payload.Required("CallSid", payload.Line("CallSid", FactReader.MaxIdLength));
        if (payload.Line("TranscriptionStatus", FactReader.MaxIdLength) == "failed")
            return new Normalized.Ignored("Twilio could not transcribe it.");
        using var data = new EventData()
            .Add("call_id", callId)
            .Add("transcription_id", id)
            .Add("transcript", payload.Beginning("TranscriptionText", Texts.MaxLength))
            .Add("recording_url", payload.Line("RecordingUrl", FactReader.MaxUrlLength));
        return reading.Event(Transcribed, id, OccurredAt(reading, "Timestamp"), DefaultKey, new EventFacts
        {
            CorrelationId = callId,
            Contact = Caller.Of(reading, payload.Line("Direction", FactReader.MaxIdLength) is ['o', ..] ? "To" : "From"),
            Data = data.ToJson(),
        });
    }

    private static string? ReadDirection(PayloadReader payload)
    {
        var direction = payload.Required("Direction", payload.Line("Direction", FactReader.MaxIdLength));
        switch (direction)
        {
            case null:
                return null;
            case "inbound" or "trunking-originating":
                return "inbound";
            case "outbound-api" or "outbound-dial" or "trunking-terminating":
                return "outbound";
            default:
                payload.Add("Direction", "direction_unknown", "It is neither inbound nor outbound: see Twilio's list.");
                return null;
        }
    }

    private static string? OutcomeOf(string? status) => status switch
    {
        "completed" => "answered",
        "busy" => "busy",
        "no-answer" or "canceled" => "missed",
        "failed" => "failed",
        _ => null,
    };

    private static DateTimeOffset? OccurredAt(Reading reading, string path) =>
        reading.Payload.Happened(path, orEpoch: false) ?? reading.Delivery.ReceivedAt;
}
