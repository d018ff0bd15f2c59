using System.Globalization;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources.HighLevel;

/// <summary>
/// HighLevel's appointments. An update doesn't say what changed, so a booking is named by its time: what tells of the same time again, as a
/// confirmation does, tells nothing new. Its own documents show deletions that call themselves creations, so the status counts and not only
/// the type.
/// </summary>
internal static class HighLevelBooking
{
    public const string Created = "booking.created";
    public const string Rescheduled = "booking.rescheduled";
    public const string Canceled = "booking.canceled";

    public static Normalized Read(Reading reading, string type)
    {
        var payload = reading.Payload;
        var at = payload.Find("appointment") is null ? "" : "appointment.";
        var status = OnRecord.Line(payload, $"{at}appointmentStatus")?.ToLowerInvariant();
        if (status is "showed" or "noshow" or "invalid" or "completed")
            return new Normalized.Ignored($"HighLevel's appointments that are {status} are not taken.");
        var isCanceled = type == "AppointmentDelete" || status is "cancelled" or "canceled" || payload.Flag($"{at}deleted") == true;
        var eventType = isCanceled ? Canceled : type == "AppointmentCreate" ? Created : Rescheduled;

        var id = payload.Required($"{at}id", payload.Line($"{at}id", FactReader.MaxIdLength));
        var startsAt = payload.Instant($"{at}startTime", orEpoch: true);
        if (!isCanceled)
            payload.Required($"{at}startTime", startsAt);
        var start = startsAt?.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
        var key = $"{HighLevelEvents.Account(payload)}:{(isCanceled ? "canceled" : "booked")}:{KeyPart.Of(id)}:{start}";
        return reading.Event(eventType, id, HighLevelEvents.OccurredAt(reading), key, new EventFacts
        {
            Contact = new ContactFacts { ExternalIds = OnRecord.Ids("highlevel", OnRecord.Line(payload, $"{at}contactId")) },
            Data = new EventData()
                .Add("booking_id", id)
                .Add("starts_at", startsAt)
                .Add("ends_at", payload.Instant($"{at}endTime", orEpoch: true))
                .Add("title", OnRecord.Line(payload, $"{at}title"))
                .Add("location", OnRecord.Line(payload, $"{at}address"))
                .ToJson(),
        });
    }
}
