using System.Net;
using System.Text.Json;
using CrmGrains.Sandbox;

namespace CrmGrains.IntegrationTests.Sandbox;

/// <summary>A sandbox with a state file, stopped and started again.</summary>
public sealed class StateTests : SandboxTest, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crmgrains-sandbox-");

    protected override SandboxOptions Options => OptionsWith(StatePath);

    private string StatePath => Path.Combine(_folder.FullName, "made", "state.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_restart_keeps_records_of_every_type_to_the_last_property_and_instant()
    {
        await ContactId("ada@nordwind.test");
        await CompanyId("Nordwind – Müller & Söhne \"<GmbH>\"");
        await DealId();
        await Create("tickets", new { subject = "Help", hs_pipeline_stage = "1" });
        await Create("notes", new { hs_timestamp = "2026-11-20", hs_note_body = "line\nline" });
        await Create("tasks", new { hs_timestamp = "2026-11-20", hs_task_subject = "Call" });
        Clock.Advance(TimeSpan.FromMilliseconds(1234));
        await Patch($"{Objects}/contacts/{await ContactId("bob@nordwind.test")}", new { properties = new { city = "Kiel" } });
        var before = await EverythingAsync();

        await RestartAsync();

        Assert.Equal(before, await EverythingAsync());
        Assert.Contains("Kiel", before, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_keeps_associations_in_both_directions_with_their_labels()
    {
        var (contact, company, parent) = (await ContactId("ada@nordwind.test"), await CompanyId("Nordwind"), await CompanyId("Group"));
        await Put($"{Objects}/contacts/{contact}/associations/companies/{company}", new[] { Labelled(1) });
        await Put($"{Objects}/companies/{parent}/associations/companies/{company}", new[] { Labelled(13) });
        string[] paths =
        [
            $"{Objects}/contacts/{contact}/associations/companies", $"{Objects}/companies/{company}/associations/contacts",
            $"{Objects}/companies/{company}/associations/companies", $"{Objects}/companies/{parent}/associations/companies",
        ];
        var before = await TextsAsync(paths);

        await RestartAsync();

        Assert.Equal(before, await TextsAsync(paths));
        Assert.All(before, text => Assert.Contains("typeId", text, StringComparison.Ordinal));
        await Delete($"{Objects}/companies/{company}/associations/contacts/{contact}");
        Assert.Empty((await Get(paths[0])).Results);
    }

    [Fact]
    public async Task A_restart_keeps_owners_and_added_properties_and_lets_them_rule_writes_as_before()
    {
        await Put("/sandbox/hubspot/owners/9001", new { email = "gone@crmgrains.test", archived = true });
        await Put("/sandbox/hubspot/owners/9100", new { email = "new@crmgrains.test" });
        await Post("/crm/v3/properties/contacts", new
        {
            name = "badge", label = "Badge", type = "string", fieldType = "text", groupName = "g", hasUniqueValue = true,
        });
        await Create("contacts", new { email = "ada@nordwind.test", badge = "A1" });
        Clock.Advance(TimeSpan.FromHours(1));
        string[] paths = ["/sandbox/hubspot/owners", "/crm/v3/properties/contacts"];
        var before = await TextsAsync(paths);

        await RestartAsync();

        Assert.Equal(before, await TextsAsync(paths));
        Assert.Equal("ada@nordwind.test", (await Get($"{Objects}/contacts/A1?idProperty=badge")).Property("email"));
        Assert.Equal(HttpStatusCode.BadRequest, (await Create("contacts", new { email = "bob@nordwind.test", badge = "a1" })).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await Create("contacts", new { email = "ada@nordwind.test" })).Status);
    }

    [Fact]
    public async Task No_id_is_given_twice_though_the_last_record_was_archived_before_the_restart()
    {
        var first = await ContactId("ada@nordwind.test");
        var last = await ContactId("bob@nordwind.test");
        await Delete($"{Objects}/contacts/{last}");

        await RestartAsync();

        var next = await ContactId("bob@nordwind.test");  // its email became free
        Assert.Equal(long.Parse(last) + 1, long.Parse(next));
        Assert.Equal(HttpStatusCode.NotFound, (await Get($"{Objects}/contacts/{last}")).Status);
        Assert.Equal("bob@nordwind.test", (await Get($"{Objects}/contacts/{last}?archived=true")).Property("email"));
        Assert.Equal("ada@nordwind.test", (await Get($"{Objects}/contacts/{first}")).Property("email"));
    }

    [Fact]
    public async Task Search_shows_after_a_restart_what_it_showed_before_and_catches_up_as_before()
    {
        var id = (await Create("companies", new { name = "Old" })).Id;
        LetSearchCatchUp();
        await Patch($"{Objects}/companies/{id}", new { properties = new { name = "New" } });

        await RestartAsync();

        Assert.Equal("Old", Names((await Search("companies", "hs_object_id", "EQ", id)).Results, "name"));
        LetSearchCatchUp();
        Assert.Equal("New", Names((await Search("companies", "hs_object_id", "EQ", id)).Results, "name"));
    }

    [Fact]
    public async Task A_reset_is_kept_as_well()
    {
        var first = await ContactId("ada@nordwind.test");
        await RestartAsync();
        await Post("/sandbox/reset", new { });

        await RestartAsync();

        Assert.Equal(0, (await Get("/sandbox/hubspot/contacts")).Body.GetProperty("count").GetInt32());
        Assert.Equal(first, await ContactId("ada@nordwind.test"));  // the same calls lead to the same ids
    }

    [Fact]
    public async Task A_change_is_saved_while_the_sandbox_runs_so_that_one_that_is_killed_has_it_too()
    {
        await ContactId("ada@nordwind.test");
        await Until(() => IsSaved("ada@nordwind.test"), "The first change was not saved.");
        await ContactId("bob@nordwind.test");
        await Until(() => IsSaved("bob@nordwind.test"), "The second change was not saved.");

        // What a killed sandbox leaves behind is the file as it is now.
        var left = Path.Combine(_folder.FullName, "left.json");
        File.Copy(StatePath, left);
        await using var next = await SandboxServer.StartAsync(OptionsWith(left), Clock);
        using var http = new HttpClient();
        var contacts = JsonSerializer.Deserialize<JsonElement>(await http.GetStringAsync(next.Url + "/sandbox/hubspot/contacts"));
        Assert.Equal(2, contacts.GetProperty("count").GetInt32());
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("{\"version\":1,\"seededAt\":\"2026", "")]
    [InlineData("[]", "")]
    [InlineData("{}", "version")]
    [InlineData("{\"version\":2,\"anything\":[]}", "It has version 2; this sandbox reads version 1.")]
    [InlineData("{\"version\":1}", "seededAt")]
    public async Task A_file_that_is_no_state_of_this_version_ends_the_start_with_what_to_do_and_is_left_alone(string text, string says)
    {
        await StopAsync();
        await File.WriteAllTextAsync(StatePath, text);

        await AssertRefusedAsync(says);

        Assert.Equal(text, await File.ReadAllTextAsync(StatePath));
        File.Delete(StatePath);
        await RestartAsync();  // the refused start has let go of the file
    }

    [Theory]
    [InlineData("\"nextRecordId\":20000000003", "\"nextRecordId\":20000000002", "20000000002")]
    [InlineData("\"id\":\"20000000002\"", "\"id\":\"20000000000\"", "out of order")]
    [InlineData("\"toId\":\"20000000002\"", "\"toId\":\"20000000009\"", "missing")]
    [InlineData("\"typeIds\":[450]", "\"typeIds\":[3]", "association type 3")]
    [InlineData("\"companies\":", "\"castles\":", "castles")]
    [InlineData("\"versions\":[{", "\"versions\":[null,{", "")]
    [InlineData("\"writtenAt\":", "\"written\":", "writtenAt")]
    public async Task A_file_that_contradicts_itself_is_refused(string part, string becomes, string says)
    {
        var (first, second) = (await CompanyId("Nordwind"), await CompanyId("Group"));
        await Put($"{Objects}/companies/{first}/associations/default/companies/{second}");
        await StopAsync();
        var text = await File.ReadAllTextAsync(StatePath);
        Assert.Contains(part, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(StatePath, text.Replace(part, becomes, StringComparison.Ordinal));

        await AssertRefusedAsync(says);
    }

    [Fact]
    public async Task A_second_sandbox_is_kept_from_the_file_of_one_that_runs()
    {
        var refusal = await Assert.ThrowsAsync<IOException>(() => SandboxServer.StartAsync(Options, Clock));

        Assert.Contains(StatePath, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("another sandbox", refusal.Message, StringComparison.Ordinal);
    }

    private static SandboxOptions OptionsWith(string state) =>
        new() { Urls = "http://127.0.0.1:0", Log = false, BurstLimit = 10_000, SearchLimit = 1_000, State = state };

    private static object Labelled(int typeId) => new { associationCategory = "HUBSPOT_DEFINED", associationTypeId = typeId };

    private async Task AssertRefusedAsync(string says)
    {
        var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => SandboxServer.StartAsync(Options, Clock));
        Assert.Contains(StatePath, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Delete it", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    private async Task<bool> IsSaved(string text) =>
        File.Exists(StatePath) && (await File.ReadAllTextAsync(StatePath)).Contains(text, StringComparison.Ordinal);

    private async Task<string> EverythingAsync() => string.Join('\n', await TextsAsync(
        [.. new[] { "contacts", "companies", "deals", "tickets", "notes", "tasks" }.Select(type => $"/sandbox/hubspot/{type}")]));

    private async Task<IReadOnlyList<string>> TextsAsync(string[] paths)
    {
        var texts = new List<string>();
        foreach (var path in paths) texts.Add((await Get(path)).Text);
        return texts;
    }
}
