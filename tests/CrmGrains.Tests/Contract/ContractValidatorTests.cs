using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmGrains.Core.Contract;
using CrmGrains.Core.Events;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Contract;

public sealed class ContractValidatorTests
{
    public static TheoryData<string> Types { get; } = [.. EventSchemas.All.Select(schema => schema.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public void An_event_with_every_field_of_its_type_has_no_fault(string type) => Assert.Empty(Faults(Example.Of(type)));

    [Theory]
    [MemberData(nameof(Types))]
    public void Each_required_field_that_is_missing_is_named(string type)
    {
        var needed = EventSchemas.All.Single(schema => schema.Type == type).Fields.Where(field => field.IsRequired).Select(field => $"data.{field.Name} missing");

        Assert.Equal(needed, Faults(Example.Of(type) with { Data = null }));
        Assert.Equal(needed, Faults(Example.Of(type) with { Data = JsonElement.Parse("{}") }));
    }

    [Theory]
    [InlineData("booking.created", "starts_at", "\"2026-04-26 18:00\"", "instant_invalid")]
    [InlineData("booking.created", "starts_at", "\"2026-02-30T18:00:00Z\"", "instant_invalid")]
    [InlineData("booking.created", "starts_at", "\"2026-04-26T18:00:00\"", "instant_invalid")]
    [InlineData("booking.created", "starts_at", "1777227102", "not_text")]
    [InlineData("booking.created", "starts_at", "\"2026-04-26T18:00:00.123456789+02:00\"", null)]
    [InlineData("booking.created", "starts_at", "\"2026-04-26T18:00:00\\u005A\"", null)]
    [InlineData("booking.created", "host_email", "\"nobody\"", "email_invalid")]
    [InlineData("booking.created", "title", "\"a\\nb\"", "control_character")]
    [InlineData("booking.created", "title", "\"\\ud800\"", "invalid_unicode")]
    [InlineData("booking.created", "title", "\"\"", null)]
    [InlineData("booking.created", "title", "null", null)]
    [InlineData("booking.created", "booking_id", "\" \"", "missing")]
    [InlineData("booking.created", "reason", "\"a\\nb\"", null)]
    [InlineData("call.ended", "direction", "\"sideways\"", "word_unknown")]
    [InlineData("call.ended", "duration_seconds", "-1", "number_invalid")]
    [InlineData("call.ended", "duration_seconds", "1.5", "number_invalid")]
    [InlineData("call.ended", "duration_seconds", "1e400", "number_invalid")]
    [InlineData("call.ended", "duration_seconds", "\"12\"", "number_invalid")]
    [InlineData("call.ended", "recording_url", "\"javascript:alert(1)\"", "url_invalid")]
    [InlineData("call.ended", "recording_url", "\"https:\\/\\/example.com\\/a\"", null)]
    [InlineData("payment.succeeded", "currency", "\"eur\"", "currency_invalid")]
    [InlineData("payment.succeeded", "amount", "-0.01", "number_invalid")]
    [InlineData("inventory.changed", "quantity", "-3", null)]
    [InlineData("inventory.changed", "unavailable", "\"true\"", "flag_invalid")]
    [InlineData("email.received", "attachments", "\"a.pdf\"", "not_a_list")]
    [InlineData("crm.record.changed", "fields", "[]", "not_an_object")]
    public void A_field_is_of_its_kind(string type, string field, string value, string? code)
    {
        var data = JsonNode.Parse(Example.Of(type).Data?.GetRawText() ?? "{}")?.AsObject() ?? [];
        data.Remove(field);
        var json = $$"""{{{string.Concat(data.Select(pair => $"\"{pair.Key}\":{pair.Value?.ToJsonString() ?? "null"},"))}}"{{field}}":{{value}}}""";

        Assert.Equal(code is null ? [] : [$"data.{field} {code}"], Faults(Example.Of(type) with { Data = JsonElement.Parse(json) }));
    }

    [Fact]
    public void Names_in_a_list_are_named_by_their_place()
    {
        var mail = Example.With(Example.Of("email.received"), "attachments", new JsonArray("a.pdf", 7, "b\u0007"));

        Assert.Equal(["data.attachments.1 not_text", "data.attachments.2 control_character"], Faults(mail));
    }

    [Fact]
    public void Text_lists_depth_and_size_have_bounds()
    {
        var call = Example.Of("call.ended");
        var custom = Example.Of(EventSchema.Custom);
        Assert.Empty(Faults(Example.With(call, "transcript", new string('x', 200_000))));
        Assert.Equal(["data.transcript too_long"], Faults(Example.With(call, "transcript", new string('x', 200_001))));
        Assert.Equal(["data too_large"], Faults(Example.With(call, "other", new string('x', ContractValidator.MaxDataBytes))));
        Assert.Empty(Faults(custom with { Data = JsonElement.Parse(Nested(32)) }));
        Assert.Equal(["data too_deep"], Faults(custom with { Data = JsonElement.Parse(Nested(33)) }));
        Assert.Equal(["data list_too_long"], Faults(custom with { Data = JsonElement.Parse($"[{string.Join(',', Enumerable.Repeat(1, 1001))}]") }));
        Assert.Equal(
            ["data.participants list_too_long"],
            Faults(Example.With(Example.Of("meeting.transcript.completed"), "participants", new JsonArray([.. Enumerable.Repeat("x", 201).Select(x => (JsonNode)x)]))));
    }

    [Fact]
    public void Fields_that_all_events_have_are_checked_too()
    {
        var lead = A.Lead;
        Assert.Equal(["event_type event_type_unknown"], Faults(lead with { EventType = "lead.lost" }));
        Assert.Equal(["schema_version schema_version_unknown"], Faults(lead with { SchemaVersion = 3 }));
        Assert.Equal(["contact.email email_invalid"], Faults(lead with { Contact = new() { Email = "Ann@example.com" } }));
        Assert.Equal(["contact.phone phone_invalid"], Faults(lead with { Contact = new() { Phone = "0301234567" } }));
        Assert.Equal(["source_record_id missing", "idempotency_key too_long"], Faults(lead with { SourceRecordId = " ", IdempotencyKey = new string('k', 851) }));
        Assert.Equal(["invoice.currency currency_invalid"], Faults(A.Invoice with { Invoice = new() { Id = "i", Amount = 1, Currency = "€" } }));
        Assert.Equal(["lead_context.detected_stack.1 too_long"], Faults(lead with { LeadContext = new() { DetectedStack = ["a", new string('x', 101)] } }));
        Assert.Equal(
            ["contact.external_ids external_id_invalid"],
            Faults(lead with { Contact = new() { ExternalIds = new Dictionary<string, string> { ["crm"] = "1\n2" } } }));
    }

    [Fact]
    public void Nothing_is_allocated_where_nothing_is_wrong()
    {
        var events = EventSchemas.All.Select(schema => Example.Of(schema.Type)).Append(A.Lead).ToList();
        // Code that isn't optimized yet boxes a little; the runtime optimizes it in its own time.
        var began = Stopwatch.StartNew();
        var allocated = long.MaxValue;
        while (allocated > 0 && began.Elapsed < TimeSpan.FromSeconds(30))
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                foreach (var one in events)
                    ContractValidator.FaultsOf(one);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Whatever_data_is_it_is_judged_and_nothing_throws() => Prop.ForAll(
        Gen.Elements(EventSchemas.All.SelectMany(schema => schema.Fields.Select(field => (schema.Type, field.Name))).ToArray())
            .Zip(Example.Json).ToArbitrary(),
        made =>
        {
            var ((type, field), value) = made;
            Assert.All(Faults(Example.With(Example.Of(type), field, value)), fault => Assert.StartsWith($"data.{field}", fault, StringComparison.Ordinal));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    private static string Nested(int depth) => string.Concat(new string('[', depth), new string(']', depth));

    private static IEnumerable<string> Faults(ContractEvent value) => ContractValidator.FaultsOf(value).Select(fault => $"{fault.Path} {fault.Code}");
}
