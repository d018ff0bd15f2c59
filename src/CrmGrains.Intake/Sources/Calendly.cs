using System.Security.Cryptography;
using System.Text;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// Calendly's bookings. Verified by an HMAC of timestamp and body in <c>Calendly-Webhook-Signature</c>. Calendly has no id of deliveries: what happened, to which invitee and when
/// makes one. An invitee that is created becomes <c>booking.created</c>, one that is canceled <c>booking.canceled</c>. A rescheduling comes as both, in any order: the new invitee becomes
/// <c>booking.rescheduled</c>, the old one's end is left, so it is never taken for a lost booking. No-shows and routing forms are no events of the contract. Calendly tries for 24 hours and then disables the
/// subscription without a word.
/// </summary>
internal sealed class Calendly : SourceFormat
{
    private const string Booking = "payload.scheduled_event";

    // An invitee books once and cancels once.
    private const string DefaultKey = "{source}:{event_type}:{source_record_id}";

    public override string Name => "calendly";

    public override string Scheme => "calendly";

    public override IReadOnlyList<string> EventTypes { get; } = ["booking.created", "booking.rescheduled", "booking.canceled"];

    public override bool HasDeliveryId => true;

    public override string? DeliveryId(SignedRequest request)
    {
        var body = request.Body.Span;
        var happened = Sources.DeliveryId.At(body, "event");
        var uri = Sources.DeliveryId.At(body, "payload.uri");
        var at = Sources.DeliveryId.At(body, "payload.updated_at") ?? Sources.DeliveryId.At(body, "created_at");
        return happened is null || uri is null || at is null
            ? null
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{happened}\n{uri}\n{at}")));
    }

    private protected override IEnumerable<Normalized> Read(Reading reading)
    {
        yield return ReadOne(reading);
    }

    private static Normalized ReadOne(Reading reading)
    {
        var payload = reading.Payload;
        var happened = payload.Required("event", payload.Line("event", FactReader.MaxIdLength));
        switch (happened)
        {
            case null:
                return new Normalized.Rejected(payload.Faults);
            case "invitee.created":
                return ReadBooking(reading, payload.Find("payload.old_invitee") is null ? "booking.created" : "booking.rescheduled");
            case "invitee.canceled" when payload.Flag("payload.rescheduled") == true || payload.Find("payload.new_invitee") is not null:
                return new Normalized.Ignored("The booking was moved: the new one tells of it.");
            case "invitee.canceled":
                return ReadBooking(reading, "booking.canceled");
            default:
                return new Normalized.Ignored($"Calendly's {happened} is not taken.");
        }
    }

    private static Normalized ReadBooking(Reading reading, string type)
    {
        var (payload, facts) = (reading.Payload, reading.Facts);
        var isCanceled = type == "booking.canceled";
        var invitee = payload.Required("payload.uri", LastOf(payload, "payload.uri", "invitees"));
        var booking = payload.Required($"{Booking}.uri", LastOf(payload, $"{Booking}.uri", "scheduled_events"));
        var timePath = payload.Find("payload.updated_at") is null ? "created_at" : "payload.updated_at";
        var occurredAt = payload.Required(timePath, payload.Happened(timePath, orEpoch: false));
        var startsAt = payload.Instant($"{Booking}.start_time", orEpoch: false);
        if (!isCanceled)
            payload.Required($"{Booking}.start_time", startsAt);

        var contact = new ContactFacts
        {
            Email = facts.Email("payload.email", isRequired: true),
            Phone = facts.Phone("payload.text_reminder_number"),
            FullName = payload.Line("payload.name", FactReader.MaxNameLength),
        };
        var attribution = facts.Attribution(name => name.StartsWith("utm_", StringComparison.Ordinal) ? $"payload.tracking.{name}" : null);
        using var data = new EventData();
        data.Add("booking_id", booking)
            .Add("starts_at", startsAt)
            .Add("ends_at", payload.Instant($"{Booking}.end_time", orEpoch: false))
            .Add("title", payload.Line($"{Booking}.name", FactReader.MaxUrlLength))
            .Add("host_email", payload.Line($"{Booking}.event_memberships.0.user_email", FactReader.MaxNameLength))
            .Add("location", ReadLocation(payload));
        if (isCanceled)
        {
            data.Add("reason", payload.Lines("payload.cancellation.reason", FactReader.MaxPainLength))
                .Add("canceled_by", payload.Line("payload.cancellation.canceler_type", FactReader.MaxNameLength)
                    ?? payload.Line("payload.cancellation.canceled_by", FactReader.MaxNameLength));
        }

        if (type == "booking.rescheduled")
            data.Add("previous_booking_id", LastOf(payload, "payload.old_invitee", "scheduled_events"));
        return reading.Event(type, invitee, occurredAt, DefaultKey, new EventFacts
        {
            CorrelationId = booking,
            Contact = contact,
            Attribution = attribution,
            Data = data.ToJson(),
        });
    }

    // Calendly's ids are addresses: the part after `scheduled_events` or `invitees` is what tells them apart.
    private static string? LastOf(PayloadReader payload, string path, string collection)
    {
        if (payload.Line(path, FactReader.MaxUrlLength) is not { } uri)
            return null;
        var parts = uri.Split('/');
        var at = Array.IndexOf(parts, collection);
        var id = at >= 0 && at + 1 < parts.Length ? parts[at + 1] : "";
        if (id.Length is > 0 and <= FactReader.MaxIdLength)
            return id;
        payload.Add(path, "id_invalid", $"It is no address with /{collection}/ and an id: send Calendly's own.");
        return null;
    }

    private static string? ReadLocation(PayloadReader payload)
    {
        foreach (var part in new[] { "join_url", "location", "type" })
        {
            if (payload.Find($"{Booking}.location.{part}") is not null)
                return payload.Line($"{Booking}.location.{part}", FactReader.MaxUrlLength);
        }

        return null;
    }
}
