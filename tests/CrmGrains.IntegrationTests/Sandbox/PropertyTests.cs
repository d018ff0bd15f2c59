using System.Net;

namespace CrmGrains.IntegrationTests.Sandbox;

public sealed class PropertyTests : SandboxTest
{
    [Theory]
    [InlineData("contacts", "email", "not an email", "INVALID_EMAIL")]
    [InlineData("contacts", "email", "ada@nordwind", "INVALID_EMAIL")]
    [InlineData("contacts", "no_such_property", "x", "PROPERTY_DOESNT_EXIST")]
    [InlineData("contacts", "lifecyclestage", "Lead", "INVALID_OPTION")]
    [InlineData("contacts", "urgency", "urgent", "INVALID_OPTION")]
    [InlineData("contacts", "detected_stack", "make;excel", "INVALID_OPTION")]
    [InlineData("contacts", "consent_to_contact", "yes", "INVALID_OPTION")]
    [InlineData("contacts", "lead_score", "many", "INVALID_INTEGER")]
    [InlineData("contacts", "hubspot_owner_id", "9003", "INVALID_OWNER")]
    [InlineData("contacts", "hubspot_owner_id", "1", "INVALID_OWNER")]
    [InlineData("contacts", "createdate", "2026-11-20", "READ_ONLY_VALUE")]
    [InlineData("notes", "hs_timestamp", "soon", "INVALID_LONG")]
    public async Task A_value_that_a_property_does_not_take_is_a_400_with_code_and_name(string type, string name, string value, string code)
    {
        var answer = await Create(type, new Dictionary<string, string> { [name] = value });

        Assert.Equal((HttpStatusCode.BadRequest, "VALIDATION_ERROR"), (answer.Status, answer.Category));
        var error = answer.Body.GetProperty("errors")[0];
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal(name, error.GetProperty("context").GetProperty("propertyName")[0].GetString());
        Assert.Contains($"\"error\":\"{code}\"", answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("companies", """{"city":"Kiel"}""", "name domain")]
    [InlineData("deals", """{"dealname":"Audit"}""", "dealstage pipeline")]
    [InlineData("tickets", """{}""", "subject hs_pipeline hs_pipeline_stage")]
    [InlineData("notes", """{"hs_note_body":"x"}""", "hs_timestamp")]
    [InlineData("tasks", """{"hs_task_subject":"x"}""", "hs_timestamp")]
    public async Task A_record_without_its_required_properties_is_refused_and_they_are_named(string type, string properties, string missing)
    {
        var answer = await Post($"{Objects}/{type}", $$"""{"properties":{{properties}}}""");

        Assert.Equal((HttpStatusCode.BadRequest, "VALIDATION_ERROR"), (answer.Status, answer.Category));
        Assert.Equal(missing, string.Join(' ', answer.Body.GetProperty("context").GetProperty("properties").EnumerateArray()));
        Assert.Equal("REQUIRED_FIELD", answer.Body.GetProperty("errors")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_list_with_a_semicolon_in_front_is_added_to_and_any_other_replaces()
    {
        var id = (await Create("contacts", new { email = "ada@nordwind.test", detected_stack = "make;n8n" })).Id;

        var added = await Patch($"{Objects}/contacts/{id}", new { properties = new { detected_stack = ";stripe;make" } });
        var replaced = await Patch($"{Objects}/contacts/{id}", new { properties = new { detected_stack = "zapier" } });

        Assert.Equal("make;n8n;stripe", added.Property("detected_stack"));
        Assert.Equal("zapier", replaced.Property("detected_stack"));
    }

    [Theory]
    [InlineData("2026-11-20T13:30:00+01:00")]
    [InlineData("1795177800000")]
    public async Task Instants_are_taken_as_iso_text_or_milliseconds_and_told_in_utc(string sent)
    {
        var note = await Create("notes", new { hs_timestamp = sent });

        Assert.Equal("2026-11-20T12:30:00.000Z", note.Property("hs_timestamp"));
    }

    [Fact]
    public async Task A_note_takes_65536_characters_and_no_more()
    {
        var fits = await Create("notes", new { hs_timestamp = "2026-11-20", hs_note_body = new string('x', 65_536) });
        var exceeds = await Create("notes", new { hs_timestamp = "2026-11-20", hs_note_body = new string('x', 65_537) });

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.BadRequest), (fits.Status, exceeds.Status));
    }

    [Theory]
    [InlineData("nowhere", "audit_new")]
    [InlineData("automation_audit", "closedwon")]
    public async Task A_deal_must_be_in_a_pipeline_and_in_one_of_its_own_stages(string pipeline, string dealstage)
    {
        var answer = await Create("deals", new { dealname = "Audit", pipeline, dealstage });

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("INVALID_OPTION", answer.Body.GetProperty("errors")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task Whether_a_deal_is_closed_or_won_follows_from_its_stage()
    {
        var open = await Create("deals", new { dealname = "Audit", pipeline = "automation_audit", dealstage = "audit_new" });
        var won = await Patch($"{Objects}/deals/{open.Id}", new { properties = new { dealstage = "audit_won" } });
        var lost = await Patch($"{Objects}/deals/{open.Id}", new { properties = new { dealstage = "audit_lost" } });

        Assert.Equal(("false", "false"), (open.Property("hs_is_closed"), open.Property("hs_is_closed_won")));
        Assert.Equal(("true", "true"), (won.Property("hs_is_closed"), won.Property("hs_is_closed_won")));
        Assert.Equal(("true", "false"), (lost.Property("hs_is_closed"), lost.Property("hs_is_closed_won")));
    }

    [Fact]
    public async Task The_properties_of_the_demo_are_there_from_the_start()
    {
        var key = (await Get("/crm/properties/2026-09/deals/crmgrains_key")).Body;
        var stack = (await Get("/crm/v3/properties/contacts/detected_stack")).Body;
        var notes = (await Get("/crm/v3/properties/notes")).Results.Select(property => property.GetProperty("name").GetString());

        Assert.True(key.GetProperty("hasUniqueValue").GetBoolean());
        Assert.Equal(("enumeration", "checkbox"), (stack.GetProperty("type").GetString(), stack.GetProperty("fieldType").GetString()));
        Assert.Equal(12, stack.GetProperty("options").GetArrayLength());
        Assert.DoesNotContain("crmgrains_key", notes);
        Assert.Equal(HttpStatusCode.NotFound, (await Get("/crm/v3/properties/contacts/unknown")).Status);
    }

    [Fact]
    public async Task A_new_unique_property_takes_effect_at_once_and_cannot_be_made_twice()
    {
        var definition = new { name = "own_key", label = "Own key", type = "string", fieldType = "text", groupName = "dealinformation", hasUniqueValue = true };
        Assert.Equal(HttpStatusCode.Created, (await Post("/crm/properties/2026-09/deals", definition)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await Post("/crm/properties/2026-09/deals", definition)).Status);

        var deal = new { dealname = "Audit", pipeline = "automation_audit", dealstage = "audit_new", own_key = "k" };
        Assert.Equal(HttpStatusCode.Created, (await Create("deals", deal)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Create("deals", deal)).Status);
        Assert.Equal("Audit", (await Get($"{Objects}/deals/k?idProperty=own_key")).Property("dealname"));
    }

    [Fact]
    public async Task A_batch_of_properties_tells_which_of_them_could_not_be_made()
    {
        var answer = await Post("/crm/properties/2026-09/contacts/batch/create", new
        {
            inputs = new[]
            {
                new { name = "shoe_size", label = "Shoe size", type = "number", fieldType = "number", groupName = "contactinformation" },
                new { name = "Shoe Size", label = "Shoe size", type = "number", fieldType = "number", groupName = "contactinformation" },
            },
        });

        Assert.Equal(HttpStatusCode.MultiStatus, answer.Status);
        Assert.Equal("shoe_size", Assert.Single(answer.Results).GetProperty("name").GetString());
        Assert.Equal("Shoe Size", answer.Body.GetProperty("errors")[0].GetProperty("context").GetProperty("name")[0].GetString());
    }
}
