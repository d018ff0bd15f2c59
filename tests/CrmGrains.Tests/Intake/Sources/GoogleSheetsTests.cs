using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class GoogleSheetsTests
{
    internal static readonly string Created = SampleBody.Of("google_sheets/lead");
    internal static readonly string Updated = SampleBody.Of("google_sheets/lead_updated");

    internal static readonly SourceConfiguration Source = TypeformTests.Source with
    {
        Name = "sheet",
        Format = "google_sheets",
        System = "google_sheets",
        Map = new Dictionary<string, string> { ["lead.budget_range"] = "Budget" },
    };

    [Fact]
    public void A_row_becomes_a_lead_by_its_columns()
    {
        var (lead, validation) = A.Event(Source, Created);

        Assert.Equal(("lead.submitted", "8f2c"), (lead.EventType, lead.SourceRecordId));
        Assert.Equal(new DateTimeOffset(2026, 4, 26, 18, 12, 41, TimeSpan.Zero), lead.OccurredAt);
        Assert.Equal(("ops@example.com", "+15551234567", "Elena Moretti"), (lead.Contact.Email, lead.Contact.Phone, lead.Contact.FullName));
        Assert.Equal(("Example Operations", "5000_15000", true), (lead.Company?.Name, lead.LeadContext?.BudgetRange, lead.ConsentToContact));
        Assert.Equal("Leads", lead.Data?.GetProperty("form_name").GetString());
        Assert.Equal("12", lead.Data?.GetProperty("answers").GetProperty("Seats").GetString());
        Assert.Equal("passed", validation.Status);
    }

    [Fact]
    public void A_revision_is_one_event_and_the_next_one_is_another()
    {
        var key = A.Event(Source, Created).Value.IdempotencyKey;

        Assert.StartsWith("sheet:lead.submitted:8f2c:", key, StringComparison.Ordinal);
        Assert.Equal(key, A.Event(Source, A.With(Created, "occurredAt", "2026-04-26T18:20:00Z")).Value.IdempotencyKey);
        var workspace = A.Workspace with { Leads = A.Workspace.Leads with { BudgetRanges = ["5000_15000", "15000_50000"] } };
        Assert.NotEqual(key, A.Event(Source, Updated, workspace).Value.IdempotencyKey);
    }

    [Fact]
    public void Braces_in_an_id_are_no_placeholders() => A.Event(Source, A.With(Created, "eventId", "{email}:{nothing}"));

    [Fact]
    public void What_is_missing_is_named()
    {
        Assert.Equal(["type missing"], A.Faults(Source, "{}"));
        Assert.Equal(
            ["eventId missing", "rowKey missing", "occurredAt missing", "contact.email email_missing", "consent consent_missing"],
            A.Faults(Source, """{"type":"row.created"}""").Where(fault => !fault.StartsWith("Budget", StringComparison.Ordinal)));
        Assert.IsType<Normalized.Ignored>(A.Normalized(Source, A.With(Created, "type", "row.deleted")));
    }

    [Fact]
    public void The_delivery_is_the_revision() =>
        Assert.Equal("1DemoSheet:8f2c:0d7c5a1b9e3f4a66", TypeformTests.DeliveryIdOf("google_sheets", Created));
}
