using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// Messages by Slack's Events API. Signed with the app's secret over time and body. <c>event_id</c> is the delivery's id, the same for all
/// of its retries (three within some minutes, told by X-Slack-Retry-Num, and any of them may be the first that reaches us). Which channel
/// means what is the source's <c>event_types</c>, by the channel's id; for all others it is <c>event_type</c>, and where there is
/// none and channels are named, others are not taken.
/// </summary>
internal sealed class SlackEvents : SourceFormat
{
    private const string DefaultKey = "{source}:{event_type}:{source_record_id}";
    private const string Message = "custom.slack.message";
    private const string Ticket = "support.ticket.created";

    public override string Name => "slack";

    public override string Scheme => "slack";

    public override IReadOnlyList<string> EventTypes { get; } = [Ticket, Message];

    public override FormatWords Words => FormatWords.EventType | FormatWords.EventTypes;

    public override bool HasDeliveryId => true;

    public override string? DeliveryId(SignedRequest request) => Sources.DeliveryId.At(request.Body.Span, "event_id");

    private protected override IEnumerable<Normalized> Read(Reading reading)
    {
        yield return ReadOne(reading);
    }

    private static Normalized ReadOne(Reading reading)
    {
        var payload = reading.Payload;
        var envelope = payload.Required("type", payload.Line("type", FactReader.MaxIdLength));
        if (envelope is not null and not "event_callback")
            return new Normalized.Ignored("Slack's notes about the subscription are not taken.");
        var type = payload.Required("event.type", payload.Line("event.type", FactReader.MaxIdLength));
        if (type is not null and not ("message" or "app_mention"))
            return new Normalized.Ignored("Of Slack's events only messages are taken.");
        if (payload.Find("event.bot_id") is not null)
            return new Normalized.Ignored("A bot's message is not taken: it could be our own.");
        if (payload.Line("event.subtype", FactReader.MaxIdLength) is not (null or "file_share" or "thread_broadcast"))
            return new Normalized.Ignored("Changes of messages and notes about a channel are not taken.");
        return ReadMessage(reading);
    }

    private static Normalized ReadMessage(Reading reading)
    {
        var payload = reading.Payload;
        var channel = payload.Required("event.channel", payload.Line("event.channel", FactReader.MaxIdLength));
        var stamp = payload.Required("event.ts", payload.Line("event.ts", FactReader.MaxIdLength));
        var user = payload.Required("event.user", payload.Line("event.user", FactReader.MaxIdLength));
        var eventType = TypeOf(reading, channel);
        if (eventType is null)
            return new Normalized.Ignored("The channel is none of the source's.");
        var thread = payload.Line("event.thread_ts", FactReader.MaxIdLength);
        if (eventType == Ticket && thread is not null && thread != stamp)
            return new Normalized.Ignored("An answer in a thread opens no ticket.");

        var id = channel is null || stamp is null ? null : $"{channel}:{stamp}";
        var text = Unescaped(payload.Beginning("event.text", Texts.MaxLength));
        using var data = new EventData();
        if (eventType == Ticket)
            data.Add("ticket_id", id).Add("subject", Texts.Subject(text) ?? "A message without text").Add("channel", "slack");
        else
            data.Add("message_id", id).Add("channel", channel).Add("thread_id", thread);
        data.Add("text", text).Add("files", FileNames(payload));
        return reading.Event(eventType, id, payload.Happened("event.ts", orEpoch: true), DefaultKey, new EventFacts
        {
            Contact = new ContactFacts { ExternalIds = user is null ? null : new Dictionary<string, string> { ["slack"] = user } },
            Data = data.ToJson(),
        });
    }

    private static string? TypeOf(Reading reading, string? channel)
    {
        var source = reading.Source;
        return source.EventTypes.GetValueOrDefault(channel ?? "") ?? source.EventType ?? (source.EventTypes.Count == 0 ? Message : null);
    }

    // The only three characters that Slack escapes; the ampersand last, as "&amp;lt;" is a text of somebody.
    private static string? Unescaped(string? text) => text is null || !text.Contains('&', StringComparison.Ordinal)
        ? text
        : text.Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal);

    private static List<string>? FileNames(PayloadReader payload) => payload.Find("event.files") is { ValueKind: JsonValueKind.Array } files
        ? [.. Enumerable.Range(0, Math.Min(files.GetArrayLength(), 50)).Select(i => payload.Line($"event.files.{i}.name", FactReader.MaxUrlLength)).OfType<string>()]
        : null;
}
