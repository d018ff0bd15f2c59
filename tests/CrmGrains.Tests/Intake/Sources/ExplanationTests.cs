using System.Text;
using CrmGrains.Core.Configuration;
using CrmGrains.Host.Commands;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class ExplanationTests
{
    private static readonly SourceConfiguration Mapped = A.JsonSource with
    {
        EventType = "booking.created",
        Map = new Dictionary<string, string>
        {
            ["source_record_id"] = "no", ["contact.email"] = "who.mail", ["contact.phone"] = "who.tel", ["occurred_at"] = "when", ["consent"] = "ok",
            ["data"] = "booking",
        },
    };

    private const string Body = """
        {"no":7,"when":1777227102,"ok":"yes","who":{"mail":" Ines@Nordwind.test","tel":"030 901820","age":41},
         "booking":{"booking_id":"b1","starts_at":"2026-05-01T10:00:00Z"},"tags":["a","b"]}
        """;

    [Fact]
    public void Each_field_says_where_it_is_from_and_what_was_done_to_it()
    {
        var explanation = Of(Mapped, Body);

        Assert.Equal("event", explanation.Outcome);
        Assert.Equal("who.mail: one line, trimmed, then address, lower-cased", From(explanation, "contact.email"));
        Assert.Equal("who.tel: one line, trimmed, then E.164 from a national number", From(explanation, "contact.phone"));
        Assert.Equal("when: instant from seconds or milliseconds since 1970", From(explanation, "occurred_at"));
        Assert.Equal("ok: flag from a word", From(explanation, "consent_to_contact"));
        Assert.Equal("no: one line, trimmed", From(explanation, "source_record_id"));
        Assert.Equal("booking.starts_at: copied", From(explanation, "data.starts_at"));
        Assert.Equal(": from the configuration", From(explanation, "source_system"));
        Assert.Equal(": from the source's template", From(explanation, "idempotency_key"));
        Assert.Equal(["who.age", "tags"], explanation.Unmapped);
    }

    [Fact]
    public void A_format_of_its_own_is_explained_by_what_it_read()
    {
        var explanation = Of(A.DiagnosticSource, A.DiagnosticBody);

        Assert.Equal("fields.email: one line, trimmed, then address, lower-cased", From(explanation, "contact.email"));
        Assert.Equal("fields.website: one line, trimmed, then domain of the web address", From(explanation, "company.domain"));
        Assert.Equal("fields.stack: names, lower-cased", From(explanation, "lead_context.detected_stack"));
        Assert.Equal("submitted_at: instant from ISO 8601, in UTC", From(explanation, "occurred_at"));
        Assert.Equal(["form"], explanation.Unmapped);
    }

    [Fact]
    public void What_is_rejected_shows_its_faults_and_what_could_be_read()
    {
        var explanation = Of(Mapped, A.With(Body, "booking.starts_at", "soon"));

        Assert.Equal(("rejected", "data.starts_at"), (explanation.Outcome, explanation.Faults.Single().Path));
        Assert.Contains(explanation.Fields, field => field.From.SequenceEqual(["who.mail"]) && field.Value == "ines@nordwind.test");
        Assert.Equal("rejected", Of(Mapped, "nonsense").Outcome);
    }

    [Fact]
    public void It_is_printed_line_by_line() =>
        Assert.Contains("contact.email                <- who.mail ", ExplainCommand.Text(Of(Mapped, Body)), StringComparison.Ordinal);

    [Fact]
    public void A_national_number_needs_a_default_country()
    {
        Assert.Equal(["who.tel phone_invalid"], A.Faults(Mapped, Body));
        Assert.Equal("+4930901820", A.Event(Mapped, Body, German).Value.Contact.Phone);
    }

    private static WorkspaceConfiguration German => A.Workspace with { DefaultCountry = "DE" };

    private static Explanation Of(SourceConfiguration source, string body) =>
        Explanation.Of(A.EventId, A.Received, Encoding.UTF8.GetBytes(body), source, German);

    private static string From(Explanation explanation, string field) =>
        explanation.Fields.Where(one => one.Field == field).Select(one => $"{string.Join('|', one.From)}: {one.How}").Single();
}
