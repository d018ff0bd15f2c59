using System.Net;
using System.Text.Json;

namespace CrmGrains.IntegrationTests.Sandbox;

public sealed class RecordTests : SandboxTest
{
    [Fact]
    public async Task A_created_record_has_an_id_beyond_32_bits_text_values_and_instants_in_utc()
    {
        var created = await Create("contacts", new { email = "Ada@Nordwind.test", lead_score = 5, consent_to_contact = true });

        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.True(long.Parse(created.Id) > int.MaxValue);
        Assert.Equal("ada@nordwind.test", created.Property("email"));
        Assert.Equal("5", created.Property("lead_score"));
        Assert.Equal("true", created.Property("consent_to_contact"));
        Assert.Equal(created.Id, created.Property("hs_object_id"));
        Assert.Equal("2026-11-20T12:00:00.000Z", created.Property("createdate"));
        Assert.Equal("2026-11-20T12:00:00.000Z", created.Body.GetProperty("createdAt").GetString());
        Assert.False(created.Body.GetProperty("archived").GetBoolean());
    }

    [Theory]
    [InlineData("/crm/objects/2026-09/contacts")]
    [InlineData("/crm/objects/2026-03/contact")]
    [InlineData("/crm/objects/2026-09/0-1")]
    [InlineData("/crm/v3/objects/contacts")]
    [InlineData("/crm/v3/objects/0-1")]
    public async Task Dated_and_legacy_paths_and_every_name_of_a_type_lead_to_the_same_records(string path)
    {
        var id = await ContactId("ada@nordwind.test");

        Assert.Equal(id, (await Get($"{path}/{id}")).Id);
    }

    [Theory]
    [InlineData("/crm/objects/2026-9/contacts")]
    [InlineData("/crm/objects/v9/contacts")]
    [InlineData("/crm/nothing")]
    public async Task A_path_that_does_not_exist_is_a_404_in_hubspots_shape(string path)
    {
        var answer = await Get(path);

        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Equal("error", answer.Body.GetProperty("status").GetString());
        Assert.True(Guid.TryParse(answer.Body.GetProperty("correlationId").GetString(), out _));
    }

    [Fact]
    public async Task An_unknown_type_of_record_is_a_400() =>
        Assert.Equal("Unable to infer object type from: dealz", (await Create("dealz", new { })).Message);

    [Fact]
    public async Task A_second_contact_with_the_same_email_is_a_409_that_tells_the_id_in_its_text_only()
    {
        var id = await ContactId("ada@nordwind.test");

        var second = await Create("contacts", new { email = "ADA@nordwind.test" });

        Assert.Equal(HttpStatusCode.Conflict, second.Status);
        Assert.Equal("CONFLICT", second.Category);
        Assert.Equal($"Contact already exists. Existing ID: {id}", second.Message);
    }

    [Fact]
    public async Task Two_companies_may_share_a_domain_but_not_a_unique_property()
    {
        Assert.Equal(HttpStatusCode.Created, (await Create("companies", new { domain = "nordwind.test", crmgrains_key = "k" })).Status);
        Assert.Equal(HttpStatusCode.Created, (await Create("companies", new { domain = "nordwind.test" })).Status);

        var clash = await Create("companies", new { domain = "other.test", crmgrains_key = "k" });

        Assert.Equal(HttpStatusCode.BadRequest, clash.Status);
        Assert.Equal("VALIDATION_ERROR", clash.Category);
        Assert.Contains("already has that value", clash.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_shows_what_it_asks_for_and_null_where_there_is_no_value()
    {
        var id = await ContactId("ada@nordwind.test");

        var properties = (await Get($"{Objects}/contacts/{id}?properties=email,phone&properties=city&properties=unknown")).Body.GetProperty("properties");

        Assert.Equal("ada@nordwind.test", properties.GetProperty("email").GetString());
        Assert.Equal(JsonValueKind.Null, properties.GetProperty("phone").ValueKind);
        Assert.Equal(JsonValueKind.Null, properties.GetProperty("city").ValueKind);
        Assert.False(properties.TryGetProperty("unknown", out _));
        Assert.True(properties.TryGetProperty("lastmodifieddate", out _));
    }

    [Fact]
    public async Task A_contact_is_read_and_changed_by_its_email_and_an_empty_value_clears()
    {
        await Create("contacts", new { email = "ada@nordwind.test", city = "Kiel", firstname = "Ada" });
        Clock.Advance(TimeSpan.FromMinutes(1));

        var changed = await Patch($"{Objects}/contacts/Ada@nordwind.test?idProperty=email", new { properties = new { city = "", lastname = "L" } });
        var read = await Get($"{Objects}/contacts/ada@nordwind.test?idProperty=email&properties=city,firstname,lastname");

        Assert.Equal(HttpStatusCode.OK, changed.Status);
        Assert.Equal(("", "Ada", "L"), (read.Property("city"), read.Property("firstname"), read.Property("lastname")));
        Assert.Equal("2026-11-20T12:01:00.000Z", read.Property("lastmodifieddate"));
        Assert.Equal("2026-11-20T12:00:00.000Z", read.Property("createdate"));
    }

    [Fact]
    public async Task Looking_up_by_a_property_that_is_not_unique_is_refused() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await Get($"{Objects}/contacts/Kiel?idProperty=city")).Status);

    [Fact]
    public async Task An_archived_record_is_gone_frees_its_email_and_can_be_archived_again()
    {
        var id = await ContactId("ada@nordwind.test");

        Assert.Equal(HttpStatusCode.NoContent, (await Delete($"{Objects}/contacts/{id}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await Delete($"{Objects}/contacts/{id}")).Status);

        var gone = await Get($"{Objects}/contacts/{id}");
        Assert.Equal((HttpStatusCode.NotFound, "OBJECT_NOT_FOUND"), (gone.Status, gone.Category));
        Assert.Equal(HttpStatusCode.NotFound, (await Patch($"{Objects}/contacts/{id}", new { properties = new { city = "Kiel" } })).Status);
        Assert.True((await Get($"{Objects}/contacts/{id}?archived=true")).Body.GetProperty("archived").GetBoolean());
        Assert.Equal(HttpStatusCode.Created, (await Create("contacts", new { email = "ada@nordwind.test" })).Status);
    }

    [Fact]
    public async Task A_list_is_read_page_by_page_until_there_is_no_next()
    {
        foreach (var name in "abcde") await CompanyId(name.ToString());

        var names = new List<string>();
        for (var path = $"{Objects}/companies?limit=2"; path.Length > 0;)
        {
            var page = await Get(path);
            names.AddRange(page.Results.Select(company => company.GetProperty("properties").GetProperty("name").ToString()));
            path = page.Body.TryGetProperty("paging", out var paging)
                ? $"{Objects}/companies?limit=2&after={paging.GetProperty("next").GetProperty("after")}"
                : "";
        }

        Assert.Equal(["a", "b", "c", "d", "e"], names);
    }

    [Theory]
    [InlineData("""{"properties":""")]
    [InlineData("""{}""")]
    [InlineData("""{"properties":null}""")]
    [InlineData("""{"properties":{"email":["a"]}}""")]
    [InlineData("""[]""")]
    [InlineData("""{"properties":{},"associations":[{"to":{}}]}""")]
    public async Task A_body_that_cannot_be_read_is_a_400_that_names_no_class_of_ours(string body)
    {
        var answer = await Post($"{Objects}/contacts", body);

        Assert.Equal((HttpStatusCode.BadRequest, "VALIDATION_ERROR"), (answer.Status, answer.Category));
        Assert.DoesNotContain("CrmGrains", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_of_more_than_ten_mebibytes_is_a_413_in_hubspots_shape()
    {
        var tooMuch = new { properties = new { hs_note_body = new string('x', 10 * 1024 * 1024) } };

        var answer = await Send(HttpMethod.Post, $"{Objects}/notes", tooMuch, asksFirst: true);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "VALIDATION_ERROR"), (answer.Status, answer.Category));
    }

    [Fact]
    public async Task Many_creates_of_one_email_at_once_make_one_contact()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Create("contacts", new { email = "ada@nordwind.test" })));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Equal(39, answers.Count(answer => answer.Status == HttpStatusCode.Conflict));
        Assert.Equal(1, (await Get("/sandbox/hubspot/contacts")).Body.GetProperty("count").GetInt32());
    }
}
