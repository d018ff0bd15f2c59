using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class CalendlyTests
{
    internal static readonly string Created = SampleBody.Of("calendly/booking_created");
    internal static readonly string Rescheduled = SampleBody.Of("calendly/booking_rescheduled");
    internal static readonly string MovedAway = SampleBody.Of("calendly/booking_moved_away");
    internal static readonly string Canceled = SampleBody.Of("calendly/booking_canceled");

    internal static readonly SourceConfiguration Source =
        TypeformTests.Source with { Name = "calls", Format = "calendly", System = "calendly", Map = new Dictionary<string, string>() };

    [Fact]
    public void An_invitee_that_is_created_is_a_booking()
    {
        var (booking, validation) = A.Event(Source, Created);

        Assert.Equal(("booking.created", "DEMOI1", "calls:booking.created:DEMOI1"), (booking.EventType, booking.SourceRecordId, booking.IdempotencyKey));
        Assert.Equal(new DateTimeOffset(2026, 4, 26, 18, 12, 40, TimeSpan.Zero), booking.OccurredAt);
        Assert.Equal(("ops@example.com", "Elena Moretti", "newsletter"), (booking.Contact.Email, booking.Contact.FullName, booking.Attribution?.UtmSource));
        Assert.Equal(
            """{"booking_id":"DEMOE1","starts_at":"2026-04-29T08:00:00+00:00","ends_at":"2026-04-29T08:30:00+00:00","title":"30 minute call","host_email":"kai@nordwind.test","location":"https://meet.test/abc"}""",
            booking.Data?.GetRawText());
        Assert.Equal("passed", validation.Status);
    }

    [Fact]
    public void A_rescheduling_is_one_event_whichever_half_of_it_comes_first()
    {
        var moved = A.Event(Source, Rescheduled).Value;

        Assert.Equal(("booking.rescheduled", "DEMOI2"), (moved.EventType, moved.SourceRecordId));
        Assert.Equal(
            ("DEMOE2", "DEMOE1", "2026-04-30T08:00:00+00:00"),
            (moved.Data?.GetProperty("booking_id").GetString(), moved.Data?.GetProperty("previous_booking_id").GetString(),
                moved.Data?.GetProperty("starts_at").GetString()));
        Assert.IsType<Normalized.Ignored>(A.Normalized(Source, MovedAway));
        Assert.IsType<Normalized.Ignored>(A.Normalized(Source, A.With(MovedAway, "payload.rescheduled", false)));
    }

    [Fact]
    public void An_invitee_that_is_canceled_says_who_and_why()
    {
        var canceled = A.Event(Source, Canceled).Value;

        Assert.Equal(("booking.canceled", "calls:booking.canceled:DEMOI2"), (canceled.EventType, canceled.IdempotencyKey));
        Assert.Equal(
            ("DEMOE2", "A conflict", "invitee"),
            (canceled.Data?.GetProperty("booking_id").GetString(), canceled.Data?.GetProperty("reason").GetString(), canceled.Data?.GetProperty("canceled_by").GetString()));
    }

    [Theory]
    [InlineData("invitee_no_show.created")]
    [InlineData("invitee_no_show.deleted")]
    [InlineData("routing_form_submission.created")]
    public void What_the_contract_has_no_type_for_is_not_taken(string happened) =>
        Assert.IsType<Normalized.Ignored>(A.Normalized(Source, A.With(Created, "event", happened)));

    [Fact]
    public void Every_fault_is_named_where_it_stands()
    {
        Assert.Equal(["event missing"], A.Faults(Source, "{}"));
        Assert.Equal(
            [
                "payload.uri missing", "payload.scheduled_event.uri missing", "created_at missing", "payload.scheduled_event.start_time missing",
                "payload.email email_missing",
            ],
            A.Faults(Source, """{"event":"invitee.created"}"""));
        Assert.Equal(["payload.uri id_invalid"], A.Faults(Source, A.With(Created, "payload.uri", "DEMOI1")));
        Assert.Equal(["payload.scheduled_event.end_time instant_invalid"], A.Faults(Source, A.With(Created, "payload.scheduled_event.end_time", "noon")));
    }

    [Fact]
    public void A_delivery_is_what_happened_to_whom_and_when()
    {
        var id = TypeformTests.DeliveryIdOf("calendly", Created);

        Assert.Equal(64, id?.Length);
        Assert.Equal(id, TypeformTests.DeliveryIdOf("calendly", A.With(Created, "created_at", "2026-04-26T18:12:59Z")));
        Assert.Equal(3, new[] { Created, MovedAway, A.With(Created, "payload.updated_at", "2026-04-26T18:13:00Z") }
            .Select(body => TypeformTests.DeliveryIdOf("calendly", body)).Distinct().Count());
        Assert.Null(TypeformTests.DeliveryIdOf("calendly", A.Without(Created, "payload.uri")));
    }
}
