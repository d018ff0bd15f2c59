namespace CrmGrains.Tests.Intake.Sources;

public sealed class HighLevelEventsTests
{
    private static readonly VendorSample Booked = VendorSample.Of("highlevel", "booking.created");
    private static readonly VendorSample Record = VendorSample.Of("highlevel", "crm.record.changed");
    private static readonly VendorSample Form = VendorSample.Of("highlevel", "lead.submitted");

    [Fact]
    public void An_opportunity_is_a_deal_of_its_contact()
    {
        var made = Record.Event();

        Assert.Equal(("conDemo0001", "oppDemo0001"), (made.Contact.ExternalIds?["highlevel"], made.Deal?.ExternalId));
        Assert.Equal(("deal", "updated"), (made.Data?.GetProperty("object").GetString(), made.Data?.GetProperty("change").GetString()));
        Assert.Equal(1290, made.Data?.GetProperty("fields").GetProperty("monetaryValue").GetInt32());
        Assert.False(made.Data?.GetProperty("fields").TryGetProperty("webhookId", out _));
        Assert.Equal("wh-demo-0001", Record.DeliveryId());
    }

    [Fact]
    public void An_appointment_that_is_confirmed_at_the_same_time_is_no_other_booking_and_one_that_moved_is()
    {
        var confirmed = Booked.With("type", "AppointmentUpdate").With("webhookId", "other");

        Assert.Equal(Booked.Event().IdempotencyKey, confirmed.Event().IdempotencyKey);
        Assert.NotEqual(Booked.Event().IdempotencyKey, VendorSample.Of("highlevel", "booking.rescheduled").Event().IdempotencyKey);
        Assert.Equal("2026-05-04T13:00:00+00:00", Booked.Event().Data?.GetProperty("starts_at").GetString());
    }

    [Theory]
    [InlineData("AppointmentDelete", "confirmed")]
    [InlineData("AppointmentCreate", "cancelled")]
    public void An_appointment_is_canceled_by_its_type_or_its_status(string type, string status) =>
        Assert.Equal("booking.canceled", Booked.With("type", type).With("appointment.appointmentStatus", status).Event().EventType);

    [Fact]
    public void A_form_of_a_workflow_is_a_lead_named_by_its_answers()
    {
        var lead = Form.Event();

        Assert.Equal(("jonas.weber@nordwind.test", "Jonas Weber", "conDemo0002"), (lead.Contact.Email, lead.Contact.FullName, lead.Contact.ExternalIds?["highlevel"]));
        Assert.Equal(("5000_15000", "high", true), (lead.LeadContext?.BudgetRange, lead.LeadContext?.Urgency, lead.ConsentToContact));
        Assert.Equal(("Nordwind Logistik", "nordwind.test", "newsletter"), (lead.Company?.Name, lead.Company?.Domain, lead.Attribution?.UtmSource));
        Assert.Equal("wfDemo0001", lead.Data?.GetProperty("form_id").GetString());
        Assert.NotEqual(lead.IdempotencyKey, Form.With("customData.urgency", "low").Event().IdempotencyKey);
        Assert.Equal(["customData.consent consent_missing"], Form.Without("customData.consent").Faults());
        Assert.Equal(["email email_missing"], Form.Without("email").Faults());
    }

    [Fact]
    public void What_is_not_taken_is_said_so_and_what_is_missing_is_named()
    {
        Assert.Contains("TaskCreate", Record.With("type", "TaskCreate").Ignored(), StringComparison.Ordinal);
        Assert.Contains("invoices", (Record with { Body = """{"altId":"loc","altType":"location","status":"paid"}""" }).Ignored(), StringComparison.Ordinal);
        Assert.Contains("noshow", Booked.With("appointment.appointmentStatus", "noshow").Ignored(), StringComparison.Ordinal);
        Assert.Equal(["type missing"], Record.Without("type").Faults());
        Assert.Equal(["id missing"], Record.Without("id").Faults());
        Assert.Equal(["appointment.id missing", "appointment.startTime missing"], Booked.Without("appointment.id").Without("appointment.startTime").Faults());
    }
}
