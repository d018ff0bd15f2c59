using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Json;
using CrmGrains.Intake.Sources;
using CrmGrains.Tests.Intake.Payloads;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class SourceFormatTests
{
    private static readonly SourceConfiguration[] Sources = [A.DiagnosticSource, A.StripeSource, A.JsonSource with
    {
        Map = SourceWords.MapTargets.ToDictionary(field => field, field => field == "occurred_at" ? "submitted_at" : $"fields.{field.Split('.')[^1]}"),
        EventType = "lead.submitted",
    }, TypeformTests.Source, TallyTests.Source, WebflowFormsTests.Source, CalendlyTests.Source, GoogleSheetsTests.Source, AirtableTests.Source,
        AirtableTests.Source with { EventTypes = new Dictionary<string, string> { ["created"] = "lead.submitted" } }];

    private static readonly string[] Bodies =
    [
        A.DiagnosticBody, Invoice, TypeformTests.Body, TallyTests.Body, WebflowFormsTests.Body, WebflowFormsTests.Older, CalendlyTests.Created,
        CalendlyTests.Rescheduled, CalendlyTests.Canceled, GoogleSheetsTests.Created, AirtableTests.Ping, AirtableTests.Payload,
    ];

    private const string Invoice = """
        {"object":"event","created":1777000100,"type":"invoice.paid","data":{"object":{"id":"in_1","currency":"eur","amount_paid":1,"customer":"cus_1"}}}
        """;

    [Fact]
    public void There_is_one_for_each_format_and_no_other()
    {
        Assert.All(Sources, source => Assert.Same(SourceFormats.For(source.Format), SourceFormats.For(source.Format)));
        Assert.Throws<ArgumentException>(() => SourceFormats.For("xml"));
    }

    [Fact]
    public void Random_bytes_are_rejected_and_never_throw() => Prop.ForAll<byte[]>(body =>
    {
        foreach (var source in Sources)
            Assert.IsType<Normalized.Rejected>(A.Normalized(source, body));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void A_payload_that_was_tampered_with_never_throws_and_is_an_event_only_without_a_fault() =>
        Prop.ForAll(Mutated.Of(Bodies).ToArbitrary(), body =>
        {
            foreach (var one in Sources.SelectMany(source => A.AllOf(source, body)))
            {
                switch (one)
                {
                    case Normalized.Event accepted:
                        Assert.Empty(accepted.Validation.Faults);
                        Assert.NotEmpty(JsonSerializer.Serialize(accepted.Value, CoreJson.Default.ContractEvent));
                        break;
                    case Normalized.Rejected rejected:
                        Assert.NotEmpty(rejected.Validation.Faults);
                        Assert.All(rejected.Validation.Faults, fault => Assert.True(fault is { Path.Length: > 0, Code.Length: > 0, Message.Length: > 0 }));
                        break;
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
}
