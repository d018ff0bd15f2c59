using System.Net;
using System.Text.Json;

namespace CrmGrains.IntegrationTests.Sandbox;

public sealed class BatchTests : SandboxTest
{
    [Theory]
    [InlineData("read")]
    [InlineData("create")]
    [InlineData("update")]
    [InlineData("upsert")]
    [InlineData("archive")]
    public async Task A_batch_of_more_than_a_hundred_inputs_or_of_none_is_refused(string call)
    {
        var many = Enumerable.Range(1, 101).Select(i => new { id = $"{i}", idProperty = "crmgrains_key", properties = new { } });

        var tooMany = await Post($"{Objects}/companies/batch/{call}", new { inputs = many });
        var none = await Post($"{Objects}/companies/batch/{call}", new { inputs = Array.Empty<object>() });

        Assert.Equal((HttpStatusCode.BadRequest, "VALIDATION_ERROR"), (tooMany.Status, tooMany.Category));
        Assert.Equal((HttpStatusCode.BadRequest, "VALIDATION_ERROR"), (none.Status, none.Category));
    }

    [Fact]
    public async Task A_read_by_email_sees_a_write_at_once_and_lists_what_is_missing_in_a_207()
    {
        var id = await ContactId("ada@nordwind.test");

        var answer = await Post("/crm/v3/objects/contacts/batch/read", new
        {
            idProperty = "email",
            properties = new[] { "email" },
            inputs = new[] { new { id = "ADA@nordwind.test" }, new { id = "bob@nordwind.test" }, new { id = "eve@nordwind.test" } },
        });

        Assert.Equal(HttpStatusCode.MultiStatus, answer.Status);
        Assert.Equal(id, Assert.Single(answer.Results).GetProperty("id").GetString());
        Assert.Equal(1, answer.Body.GetProperty("numErrors").GetInt32());
        var error = answer.Body.GetProperty("errors")[0];
        Assert.Equal("OBJECT_NOT_FOUND", error.GetProperty("category").GetString());
        Assert.Equal(["bob@nordwind.test", "eve@nordwind.test"], Texts(error.GetProperty("context").GetProperty("ids")));
    }

    [Fact]
    public async Task A_read_of_ids_that_are_all_there_is_a_200()
    {
        var id = await ContactId("ada@nordwind.test");

        var answer = await Post($"{Objects}/contacts/batch/read", $$"""{"inputs":[{"id":{{id}}}],"properties":[]}""");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.False(answer.Body.TryGetProperty("numErrors", out _));
    }

    [Fact]
    public async Task Results_do_not_come_in_the_order_of_the_inputs_and_always_in_the_same_one()
    {
        var inputs = Enumerable.Range(0, 10).Select(i => new { id = $"k{i}", idProperty = "crmgrains_key", properties = new { name = $"n{i}" } }).ToList();

        var first = (await Post($"{Objects}/companies/batch/upsert", new { inputs })).Results.Select(KeyOf).ToList();
        var second = (await Post($"{Objects}/companies/batch/upsert", new { inputs })).Results.Select(KeyOf).ToList();

        Assert.NotEqual(inputs.Select(input => input.id), first);
        Assert.Equal(first, second);
        Assert.Equal(inputs.Select(input => input.id), first.Order());
    }

    [Fact]
    public async Task A_create_without_trace_ids_is_all_or_nothing_and_names_only_the_first_clash()
    {
        var (ada, bob) = (await ContactId("ada@nordwind.test"), await ContactId("bob@nordwind.test"));

        var answer = await Post($"{Objects}/contacts/batch/create", new { inputs = Emails("new@nordwind.test", "bob@nordwind.test", "ada@nordwind.test") });

        Assert.Equal((HttpStatusCode.Conflict, "CONFLICT"), (answer.Status, answer.Category));
        Assert.Contains(bob, answer.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(ada, answer.Text, StringComparison.Ordinal);
        Assert.Equal(2, (await Get("/sandbox/hubspot/contacts")).Body.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_create_in_which_every_input_has_a_trace_id_of_its_own_is_carried_out_in_part()
    {
        await ContactId("ada@nordwind.test");

        var answer = await Post($"{Objects}/contacts/batch/create", """
            {"inputs":[
              {"objectWriteTraceId":"row-1","properties":{"email":"new@nordwind.test"}},
              {"objectWriteTraceId":"row-2","properties":{"email":"ada@nordwind.test"}},
              {"objectWriteTraceId":"row-3","properties":{"nope":"x"}}]}
            """);

        Assert.Equal(HttpStatusCode.MultiStatus, answer.Status);
        Assert.Equal("row-1", Assert.Single(answer.Results).GetProperty("objectWriteTraceId").GetString());
        var errors = answer.Body.GetProperty("errors").EnumerateArray().ToDictionary(
            error => error.GetProperty("context").GetProperty("objectWriteTraceId")[0].ToString(), error => error.GetProperty("category").GetString());
        Assert.Equal(new Dictionary<string, string?> { ["row-2"] = "CONFLICT", ["row-3"] = "VALIDATION_ERROR" }, errors);
    }

    [Fact]
    public async Task A_trace_id_that_two_inputs_share_makes_the_create_all_or_nothing_again()
    {
        var answer = await Post($"{Objects}/contacts/batch/create", """
            {"inputs":[
              {"objectWriteTraceId":"row","properties":{"email":"new@nordwind.test"}},
              {"objectWriteTraceId":"row","properties":{"nope":"x"}}]}
            """);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(0, (await Get("/sandbox/hubspot/contacts")).Body.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_create_that_fully_succeeds_is_a_201_with_its_trace_ids_and_associations()
    {
        var company = await CompanyId("Nordwind");

        var answer = await Post($"{Objects}/contacts/batch/create", $$"""
            {"inputs":[{"objectWriteTraceId":"row-1","properties":{"email":"ada@nordwind.test"},
              "associations":[{"to":{"id":"{{company}}"},"types":[{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":279}]}]}]}
            """);

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(1, (await Get("/sandbox/hubspot/associations")).Body.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Two_inputs_of_one_create_with_the_same_email_clash_with_each_other()
    {
        var answer = await Post($"{Objects}/contacts/batch/create", new { inputs = Emails("ada@nordwind.test", "Ada@nordwind.test") });

        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
        Assert.Equal(0, (await Get("/sandbox/hubspot/contacts")).Body.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task An_upsert_tells_which_records_are_new()
    {
        await Create("companies", new { name = "Known", crmgrains_key = "known" });

        var answer = await Post($"{Objects}/companies/batch/upsert", new { inputs = new[] { Keyed("known", "A"), Keyed("unknown", "B") } });

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(
            new Dictionary<string, bool> { ["known"] = false, ["unknown"] = true },
            answer.Results.ToDictionary(KeyOf, result => result.GetProperty("new").GetBoolean()));
        Assert.Equal("A B", Names(answer.Results, "name"));
    }

    [Fact]
    public async Task An_upsert_by_a_unique_property_is_carried_out_in_part()
    {
        var answer = await Post($"{Objects}/contacts/batch/upsert", """
            {"inputs":[
              {"id":"k1","idProperty":"crmgrains_key","properties":{"email":"ada@nordwind.test"},"objectWriteTraceId":"row-1"},
              {"id":"k2","idProperty":"crmgrains_key","properties":{"email":"broken"},"objectWriteTraceId":"row-2"},
              {"id":"k3","idProperty":"crmgrains_key","properties":{"email":"ada@nordwind.test"}}]}
            """);

        Assert.Equal(HttpStatusCode.MultiStatus, answer.Status);
        Assert.Equal("k1", KeyOf(Assert.Single(answer.Results)));
        var errors = answer.Body.GetProperty("errors");
        Assert.Equal(2, answer.Body.GetProperty("numErrors").GetInt32());
        Assert.Equal("row-2", errors[0].GetProperty("context").GetProperty("objectWriteTraceId")[0].GetString());
        Assert.Contains("INVALID_EMAIL", errors[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("k3", errors[1].GetProperty("context").GetProperty("ids")[0].GetString());
    }

    [Fact]
    public async Task An_upsert_by_email_fails_as_a_whole_for_one_bad_row()
    {
        var answer = await Post($"{Objects}/contacts/batch/upsert", """
            {"inputs":[
              {"id":"ada@nordwind.test","idProperty":"email","properties":{"firstname":"Ada"},"objectWriteTraceId":"row-1"},
              {"id":"bob@nordwind.test","idProperty":"email","properties":{"nope":"x"},"objectWriteTraceId":"row-2"}]}
            """);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(0, (await Get("/sandbox/hubspot/contacts")).Body.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task An_upsert_in_which_two_inputs_have_the_same_key_is_refused()
    {
        var answer = await Post($"{Objects}/companies/batch/upsert", new { inputs = new[] { Keyed("k", "A"), Keyed("K", "B") } });

        Assert.Equal((HttpStatusCode.BadRequest, "VALIDATION_ERROR"), (answer.Status, answer.Category));
    }

    [Theory]
    [InlineData("companies", "upsert", "domain")]
    [InlineData("contacts", "update", "email")]
    public async Task Writes_by_a_property_that_does_not_serve_as_a_key_are_refused(string type, string call, string idProperty)
    {
        var answer = await Post($"{Objects}/{type}/batch/{call}", new { inputs = new[] { new { id = "x", idProperty, properties = new { } } } });

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("Unable to perform update/upsert by non-unique property", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_goes_on_without_the_records_that_are_missing()
    {
        var id = await ContactId("ada@nordwind.test");

        var answer = await Post($"{Objects}/contacts/batch/update", new
        {
            inputs = new[] { new { id, properties = new { city = "Kiel" } }, new { id = "77", properties = new { city = "Kiel" } } },
        });

        Assert.Equal(HttpStatusCode.MultiStatus, answer.Status);
        Assert.Equal("Kiel", Names(answer.Results, "city"));
        Assert.Equal(["77"], Texts(answer.Body.GetProperty("errors")[0].GetProperty("context").GetProperty("ids")));
    }

    [Fact]
    public async Task An_archive_is_a_204_whether_or_not_the_records_are_there()
    {
        var id = await ContactId("ada@nordwind.test");

        var answer = await Post($"{Objects}/contacts/batch/archive", new { inputs = new[] { new { id }, new { id = "77" } } });

        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Get($"{Objects}/contacts/{id}")).Status);
    }

    [Fact]
    public async Task Upserts_of_the_same_keys_at_once_make_each_record_once()
    {
        var inputs = Enumerable.Range(0, 50).Select(i => Keyed($"k{i}", $"n{i}")).ToList();

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Post($"{Objects}/companies/batch/upsert", new { inputs })));

        Assert.Equal(50, (await Get("/sandbox/hubspot/companies")).Body.GetProperty("count").GetInt32());
    }

    private static object[] Emails(params string[] emails) => [.. emails.Select(email => new { properties = new { email } })];

    private static object Keyed(string key, string name) => new { id = key, idProperty = "crmgrains_key", properties = new { name } };

    private static string KeyOf(JsonElement result) => result.GetProperty("properties").GetProperty("crmgrains_key").ToString();

    private static IEnumerable<string> Texts(JsonElement array) => array.EnumerateArray().Select(element => element.ToString());
}
