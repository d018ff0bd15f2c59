using System.Text;
using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// Transcripts of any tool that posts JSON. Its fields are looked for by the names that such tools use, in the object that the source's map
/// calls <c>data</c>, else in the whole; the map also says where the person is, the record's id and the time. A transcript is a text, or
/// a list of what each speaker said. Without an id of its own a delivery is known by its body; a meeting is transcribed once.
/// </summary>
internal sealed class MeetingTranscripts : SourceFormat
{
    private const string DefaultKey = "{source}:{event_type}:{source_record_id}";
    private const string Transcript = "meeting.transcript.completed";
    private const int MaxUtterances = 5_000;
    private const int MaxNames = 50;

    public override string Name => "transcript";

    public override bool HasDeliveryId => true;

    public override string Scheme => HmacScheme.SchemeName;

    public override IReadOnlyList<string> EventTypes { get; } = [Transcript];

    public override FormatWords Words => FormatWords.EventType | FormatWords.Map;

    private protected override IEnumerable<Normalized> Read(Reading reading)
    {
        var (payload, facts, map) = (reading.Payload, reading.Facts, reading.Source.Map);
        var prefix = map.GetValueOrDefault("data") is { Length: > 0 } data ? $"{data}." : "";
        string? At(string target, params ReadOnlySpan<string> names)
        {
            if (map.GetValueOrDefault(target) is { } mapped)
                return mapped;
            foreach (var name in names)
            {
                if (payload.Find(prefix + name) is not null)
                    return prefix + name;
            }

            return null;
        }

        var idPath = At("source_record_id", "meeting_id", "meetingId", "id", "meeting.id", "recording_id", "call_id") ?? $"{prefix}meeting_id";
        var id = payload.Required(idPath, payload.Line(idPath, FactReader.MaxIdLength));
        var timePath = At("occurred_at", "occurred_at", "completed_at", "timestamp", "ended_at", "end_time", "created_at");
        var occurredAt = payload.Happened(timePath, orEpoch: true);
        if (map.ContainsKey("occurred_at"))
            payload.Required(map["occurred_at"], occurredAt);
        using var fields = new EventData()
            .Add("meeting_id", id)
            .Add("title", payload.Line(At("", "title", "topic", "name", "meeting.title", "meeting_title", "subject"), FactReader.MaxUrlLength))
            .Add("started_at", payload.Instant(At("", "started_at", "start_time", "startTime", "meeting.start_time"), orEpoch: true))
            .Add("duration_seconds", payload.Number(At("", "duration_seconds", "durationSeconds")))
            .Add("participants", Names(payload, At("", "participants", "attendees", "invitees", "speakers")))
            .Add("transcript_url", payload.Line(At("", "transcript_url", "transcriptUrl", "share_url", "url"), FactReader.MaxUrlLength))
            .Add("transcript", Spoken(payload, At("", "transcript", "transcript_text", "sentences", "utterances")))
            .Add("summary", Spoken(payload, At("", "summary", "summary.overview", "overview", "notes")))
            .Add("action_items", Names(payload, At("", "action_items", "actionItems", "summary.action_items")));
        yield return reading.Event(reading.Source.EventType ?? Transcript, id, occurredAt ?? reading.Delivery.ReceivedAt, DefaultKey, new EventFacts
        {
            CorrelationId = payload.Line(map.GetValueOrDefault("correlation_id"), FactReader.MaxIdLength),
            Contact = new ContactFacts
            {
                Email = facts.Email(At("contact.email", "contact.email", "customer_email", "invitee.email"), isRequired: false),
                Phone = facts.Phone(map.GetValueOrDefault("contact.phone")),
                FullName = payload.Line(At("contact.full_name", "contact.name", "customer_name", "invitee.name"), FactReader.MaxNameLength),
                ExternalIds = ReadExternalIds(reading),
            },
            Data = fields.ToJson(),
        });
    }

    private static Dictionary<string, string>? ReadExternalIds(Reading reading)
    {
        Dictionary<string, string>? ids = null;
        foreach (var (field, path) in reading.Source.Map)
        {
            if (field.StartsWith("contact.external_ids.", StringComparison.Ordinal) && reading.Payload.Line(path, FactReader.MaxIdLength) is { } id)
                (ids ??= [])[field["contact.external_ids.".Length..]] = id;
        }

        return ids;
    }

    // A text, or a list of texts or of people.
    private static List<string>? Names(PayloadReader payload, string? path)
    {
        if (payload.Find(path) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Array)
            return value.ValueKind == JsonValueKind.String && payload.Line(path, FactReader.MaxPainLength) is { } one ? [one] : null;
        return [.. value.EnumerateArray().Take(MaxNames).Select(NameOf).OfType<string>()];
    }

    private static string? NameOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => CleanText.Beginning(value.GetString() ?? "", FactReader.MaxUrlLength),
        JsonValueKind.Object => Text(value, "name") ?? Text(value, "email") ?? Text(value, "text") ?? Text(value, "description"),
        _ => null,
    };

    private static string? Spoken(PayloadReader payload, string? path)
    {
        if (payload.Find(path) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return payload.Beginning(path, Texts.MaxLength);
        if (value.ValueKind != JsonValueKind.Array)
            return null;
        var spoken = new StringBuilder();
        foreach (var part in value.EnumerateArray().Take(MaxUtterances))
        {
            var speaker = Text(part, "speaker") ?? Text(part, "speaker_name");
            var said = part.ValueKind == JsonValueKind.String ? part.GetString() : Text(part, "text") ?? Text(part, "sentence");
            if (said is not null)
                spoken.Append(speaker).Append(speaker is null ? "" : ": ").Append(said).Append('\n');
            if (spoken.Length > Texts.MaxLength)
                break;
        }

        return CleanText.Beginning(spoken.ToString(), Texts.MaxLength);
    }

    private static string? Text(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;
}
