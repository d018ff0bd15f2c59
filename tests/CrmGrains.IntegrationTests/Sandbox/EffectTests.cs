using System.Text.Json;

namespace CrmGrains.IntegrationTests.Sandbox;

/// <summary>What the sandbox carried out, as it can be asked for afterwards.</summary>
public sealed class EffectTests : SandboxTest
{
    [Fact]
    public async Task Records_that_were_created_and_archived_are_told_in_order_with_their_keys()
    {
        var contact = (await Create("contacts", new { email = "ada@nordwind.test", city = "Kiel" })).Id;
        await Patch($"{Objects}/contacts/{contact}", new { properties = new { city = "Bonn" } });
        await Delete($"{Objects}/contacts/{contact}");
        var company = (await Create("companies", new { name = "Nordwind", domain = "nordwind.test" })).Id;

        var effects = (await Get("/sandbox/effects")).Results;

        Assert.Equal(
            [$"1 created contact {contact}", $"2 archived contact {contact}", $"3 created company {company}"], effects.Select(Shown));
        Assert.Equal("""{"email":"ada@nordwind.test"}""", effects[0].GetProperty("keys").GetRawText());
        Assert.Equal("""{"domain":"nordwind.test"}""", effects[2].GetProperty("keys").GetRawText());
    }

    [Fact]
    public async Task A_pair_is_told_once_however_often_it_is_associated()
    {
        var (contact, company) = (await ContactId("ada@nordwind.test"), await CompanyId("Nordwind"));
        await Put($"{Objects}/contacts/{contact}/associations/default/companies/{company}");
        await Put($"{Objects}/companies/{company}/associations/default/contacts/{contact}");

        var effects = (await Get("/sandbox/effects?after=2")).Results;

        Assert.Equal([$"3 associated contact {contact} company {company}"], effects.Select(Shown));
    }

    [Fact]
    public async Task What_was_carried_out_without_an_answer_is_told_too()
    {
        await Post("/sandbox/faults", new { path = "/crm/", kind = "drop_after_success", count = 1 });

        await Assert.ThrowsAsync<HttpRequestException>(() => ContactId("ada@nordwind.test"));

        Assert.StartsWith("1 created contact", Shown((await Get("/sandbox/effects")).Results.Single()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_long_text_the_end_is_kept_since_marks_stand_there()
    {
        await Create("notes", new { hs_timestamp = "2026-11-20", hs_note_body = new string('x', 2_000) + "mark" });

        var kept = (await Get("/sandbox/effects")).Results[0].GetProperty("keys").GetProperty("hs_note_body").GetString();

        Assert.Equal(new string('x', 496) + "mark", kept);
    }

    [Fact]
    public async Task A_reset_forgets_them_and_counts_anew()
    {
        await ContactId("ada@nordwind.test");
        await Post("/sandbox/reset", new { });

        Assert.Empty((await Get("/sandbox/effects")).Results);
        await ContactId("bob@nordwind.test");
        Assert.Equal(1, (await Get("/sandbox/effects")).Results[0].GetProperty("number").GetInt64());
    }

    [Fact]
    public async Task They_are_told_in_pages()
    {
        foreach (var number in Enumerable.Range(1, 5))
            await CompanyId($"Company {number}");

        var page = (await Get("/sandbox/effects?after=2&limit=2")).Results;

        Assert.Equal([3L, 4L], page.Select(effect => effect.GetProperty("number").GetInt64()));
    }

    private static string Shown(JsonElement effect) => string.Join(' ', ((string[])["number", "effect", "type", "id", "toType", "toId"])
        .Where(name => effect.TryGetProperty(name, out _)).Select(name => effect.GetProperty(name).ToString()));
}
