using System.Text.Json;
using System.Text.Json.Nodes;
using CrmGrains.Core.Contract;
using CrmGrains.Core.Events;
using CrmGrains.Core.Json;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Contract;

public sealed class JsonSchemasTests
{
    private static readonly JsonObject Whole = Parsed(JsonSchemas.OfEvent());

    private static readonly Dictionary<string, JsonObject> ByType =
        EventSchemas.All.ToDictionary(schema => schema.Type, schema => Parsed(JsonSchemas.Of(schema.Type)));

    [Fact]
    public void Every_type_has_a_document_of_its_own_and_others_have_none()
    {
        Assert.All(EventSchemas.All, schema => Assert.True(IsValid(schema.Type, Example.Of(schema.Type)), schema.Type));
        Assert.False(IsValid("call.ended", Example.Of("booking.created")));
        Assert.Null(JsonSchemas.Of("call.begun"));
        Assert.Equal("urn:crmgrains:contract:lead.submitted:2", ByType["lead.submitted"]["$id"]?.GetValue<string>());
    }

    [Fact]
    public void Every_document_declares_the_draft_that_it_is_written_in() => Assert.All(
        ByType.Values.Append(Whole), document => Assert.Equal("https://json-schema.org/draft/2020-12/schema", document["$schema"]?.GetValue<string>()));

    [Fact]
    public void A_schema_refuses_what_the_contract_refuses_where_it_can_say_so()
    {
        var booking = Example.Of("booking.created");
        Assert.False(IsValid("booking.created", booking with { Data = null }));
        Assert.False(IsValid("booking.created", Example.With(booking, "starts_at", "tomorrow")));
        Assert.False(IsValid("booking.created", Example.With(booking, "host_email", 7)));
        Assert.False(IsValid("call.ended", Example.With(Example.Of("call.ended"), "direction", "sideways")));
        Assert.False(IsValid("payment.succeeded", Example.With(Example.Of("payment.succeeded"), "amount", -1)));
        Assert.False(IsValid("invoice.paid", Example.Of("invoice.paid") with { Invoice = new() { Id = "i", Amount = 1, Currency = "euro" } }));
        Assert.False(IsValid("lead.submitted", A.Lead with { Contact = new() { Email = "Ann@example.com" } }));
    }

    [Fact]
    public void Every_event_that_the_validator_accepts_the_schema_accepts() => Prop.ForAll(
        Gen.Elements(EventSchemas.All.SelectMany(schema => schema.Fields.Select(field => (schema.Type, field.Name))).ToArray())
            .Zip(Example.Json).ToArbitrary(),
        made =>
        {
            var ((type, field), value) = made;
            var example = Example.With(Example.Of(type), field, value);
            return ContractValidator.FaultsOf(example).Count > 0 || IsValid(type, example);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    private static bool IsValid(string type, ContractEvent value)
    {
        var json = JsonSerializer.SerializeToElement(value, CoreJson.Default.ContractEvent);
        var isValid = SchemaChecker.IsValid(ByType[type], json);
        // The document of all types says the same of an event of this one.
        Assert.True(!isValid || SchemaChecker.IsValid(Whole, json));
        return isValid;
    }

    // As a reader outside has it: from text.
    private static JsonObject Parsed(JsonObject? document) => JsonNode.Parse(document?.ToJsonString() ?? "{}")?.AsObject() ?? [];
}
