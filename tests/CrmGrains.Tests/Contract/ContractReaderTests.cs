using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmGrains.Core.Contract;
using CrmGrains.Core.Json;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Contract;

public sealed class ContractReaderTests
{
    [Fact]
    public void An_event_is_read_as_it_was_written()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(A.Lead, CoreJson.Default.ContractEvent);

        Assert.True(ContractReader.TryRead(json, out var read, out _));
        Assert.Equal(Encoding.UTF8.GetString(json), JsonSerializer.Serialize(read, CoreJson.Default.ContractEvent));
        Assert.Equal(2, read.SchemaVersion);
    }

    [Theory]
    [InlineData("""{"budget":"$5,000 - $15,000","urgency":"high"}""", "5000_15000")]
    [InlineData("""{"budget":"Under 5000"}""", "under_5000")]
    [InlineData("""{"budget":12000}""", "12000")]
    [InlineData("""{"budget":"whatever","budget_range":"5000_15000"}""", "5000_15000")]
    [InlineData("""{"budget_range":"5000_15000"}""", "5000_15000")]
    [InlineData("""{"budget":"?"}""", null)]
    [InlineData("""{"budget":{}}""", null)]
    public void A_lead_of_the_first_version_gets_the_name_of_its_budget_range(string context, string? range)
    {
        Assert.True(ContractReader.TryRead(Stored(version: 1, context), out var read, out _));
        Assert.Equal((2, range), (read.SchemaVersion, read.LeadContext?.BudgetRange));
        Assert.Empty(ContractValidator.FaultsOf(read));
    }

    [Fact]
    public void A_version_that_is_newer_than_this_installation_is_a_fault()
    {
        Assert.False(ContractReader.TryRead(Stored(version: 3, "{}"), out _, out var fault));
        Assert.Equal(("schema_version", "schema_version_unknown"), (fault.Path, fault.Code));
        Assert.Contains("version 3 of lead.submitted", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"event_type":"lead.submitted"}""")]
    [InlineData("""{"event_type":"lead.submitted","schema_version":2}""")]
    [InlineData("""{"event_type":"lead.submitted","schema_version":1,"event_type":"lead.submitted"}""")]
    [InlineData("""{"event_type":"lead.submitted","schema_version":-1}""")]
    [InlineData("""{"event_type":"lead.submitted","schema_version":"1"}""")]
    [InlineData("""{"event_type":"\ud800","schema_version":1}""")]
    [InlineData("""{"schema_version":1e99,"event_type":{}}""")]
    public void What_is_no_event_is_a_fault(string json)
    {
        Assert.False(ContractReader.TryRead(Encoding.UTF8.GetBytes(json), out _, out var fault));
        Assert.NotEmpty(fault.Message);
    }

    [Fact]
    public void Upcasting_twice_is_upcasting_once_and_leaves_what_it_was_given() => Prop.ForAll(
        ArbMap.Default.GeneratorFor<NonNull<string>>().Zip(Gen.Elements<string?>(null, "5000_15000")).ToArbitrary(),
        made =>
        {
            var (words, range) = made;
            var schema = EventSchema.Find("lead.submitted") ?? throw new InvalidOperationException();
            var lead = new JsonObject { ["schema_version"] = 1, ["lead_context"] = new JsonObject { ["budget"] = words.Get, ["budget_range"] = range } };
            var before = lead.ToJsonString();

            var once = Upcasters.Upcast(lead, schema, 1);

            Assert.Equal(before, lead.ToJsonString());
            Assert.Equal(once.ToJsonString(), Upcasters.Upcast(once, schema, 2).ToJsonString());
            once["schema_version"] = 1;
            Assert.Equal(
                Upcasters.Upcast(lead, schema, 1).ToJsonString(), Upcasters.Upcast(once, schema, 1).ToJsonString());
        }).QuickCheckThrowOnFailure();

    private static byte[] Stored(int version, string context)
    {
        var lead = JsonNode.Parse(JsonSerializer.Serialize(A.Lead, CoreJson.Default.ContractEvent))?.AsObject() ?? [];
        lead["schema_version"] = version;
        lead["lead_context"] = JsonNode.Parse(context);
        return Encoding.UTF8.GetBytes(lead.ToJsonString());
    }
}
