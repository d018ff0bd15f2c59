using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>Deliveries that are read once more: nothing is done twice, and what a mended configuration changes is changed.</summary>
public sealed class ReplayTests(ITestOutputHelper output)
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    [Fact]
    public async Task Replaying_everything_changes_no_state_no_command_and_no_record()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();
        var flood = new Flood(Leads.Generate(seed: 11, count: 150, people: 50, companies: 12, repeated: 10, invalid: 5));
        await flood.SendAsync(installation.Sender);
        await installation.Sender.SendAsync([A.InvoicePaid, A.PaymentFailed]);
        await installation.QuietAsync();
        var before = await StandAsync(installation);
        var calls = await installation.Crm.CallsAsync();

        var preview = await RequestAsync(installation, new { });
        Assert.Equal("previewed", preview.GetProperty("state").GetString());
        Assert.Empty(preview.GetProperty("preview").GetProperty("changes").EnumerateArray());
        Assert.Equal(before, await StandAsync(installation));
        for (var round = 0; round < 2; round++)
        {
            var replay = await RunAsync(installation, new { dry_run = false });
            var deliveries = await installation.Database.ValueAsync<long>("SELECT count(*) FROM raw_event");
            Assert.Equal((deliveries, deliveries, deliveries), (Number(replay, "total"), Number(replay, "sent"), Number(replay, "handled")));
            Assert.Equal(deliveries, replay.GetProperty("outcomes").EnumerateObject().Sum(outcome => outcome.Value.GetInt64()));
            Assert.Equal("CRMGRAINS_API_KEY", replay.GetProperty("requested_by").GetString());
        }

        await installation.QuietAsync();
        Assert.Equal(before, await StandAsync(installation));
        Assert.Equal(calls, await installation.Crm.CallsAsync());
        await Flood.VerifiesAsync(installation.Database);
        Assert.Empty(installation.Host.Errors());
    }

    [Fact]
    public async Task Everything_replayed_twice_amid_live_traffic_and_a_killed_host_is_done_once()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        installation.Environment["CRMGRAINS__Replay__PerSecond"] = "150";
        await installation.StartAsync();
        var leads = Leads.Generate(seed: 12, count: 400, people: 150, companies: 30, repeated: 10, invalid: 5);
        var sent = await installation.Sender.SendAsync([.. leads.Take(200).Select(lead => lead.Post)]);

        var first = Number(await RequestAsync(installation, new { dry_run = false }), "id");
        var second = Number(await RequestAsync(installation, new { dry_run = false }), "id");
        var rest = installation.Sender.SendAsync([.. leads.Skip(200).Select(lead => lead.Post)]);
        await installation.UntilAsync("a replay halfway", async () => await installation.Database.ValueAsync<long>(
            "SELECT fed FROM replay WHERE id = $1", first) is > 20 and < 200);
        await installation.Process.KillAsync();
        await installation.ServeAsync();
        var flood = new Flood(leads, [.. sent, .. await rest]);
        foreach (var id in (long[])[first, second])
        {
            var replay = await CompletedAsync(installation, id);
            Assert.Equal((Number(replay, "total"), Number(replay, "total")), (Number(replay, "sent"), Number(replay, "handled")));
            Assert.Equal(Number(replay, "sent"), await installation.Database.ValueAsync<long>(
                "SELECT count(DISTINCT event_id) FROM ledger WHERE kind = 'delivery_replayed' AND detail LIKE '%\"replay\":' || $1 || '%'", $"{id}"));
        }

        await installation.QuietAsync();
        await flood.IsCarriedOutAsync(installation, installation.Database);
    }

    [Fact]
    public async Task A_mended_map_makes_an_event_of_what_was_rejected_and_corrects_what_was_read_wrongly()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        // A lead that nobody is asked about: its status is of what was read.
        installation.Workspaces.Change("when: {field: tier, op: eq, value: standard}", "when: {field: tier, op: eq, value: none}");
        installation.Workspaces.Change("contact.full_name: contact.name", "contact.full_name: contact.email");
        installation.Workspaces.Change("lead.budget_range: data.budget", "lead.budget_range: data.pain");
        await installation.ServeAsync();
        var wrong = await installation.Sender.SendAsync(A.GenericLead.With("evt_wrong", ("id", "evt_wrong"), ("data.pain", "over_50000")));
        var rejected = await installation.Sender.SendAsync(A.GenericLead.With("evt_rejected", ("id", "evt_rejected"), ("contact.email", "other@example.org")));
        await installation.QuietAsync();
        Assert.Equal(("completed", "in_review"), (await StatusAsync(installation, wrong), await StatusAsync(installation, rejected)));
        var contact = Assert.Single((await installation.Crm.ReadAsync()).Contacts);

        installation.Workspaces.Change("contact.full_name: contact.email", "contact.full_name: contact.name");
        installation.Workspaces.Change("lead.budget_range: data.pain", "lead.budget_range: data.budget");
        await installation.UntilAsync("a preview under the mended map", async () =>
            (await RequestAsync(installation, new { source = "generic" })).GetProperty("preview").GetProperty("changes").GetArrayLength() == 2);
        var replay = await RunAsync(installation, new { source = "generic", dry_run = false });
        await installation.QuietAsync();

        Assert.Equal(2, replay.GetProperty("outcomes").GetProperty("replayed").GetInt64());
        var trace = await installation.Api.TraceAsync(wrong.EventId);
        Assert.Equal("completed", trace.GetProperty("status").GetString());
        Assert.Equal(1, trace.GetProperty("normalized_event").GetProperty("revision").GetInt32());
        Assert.Contains(trace.GetProperty("ledger").EnumerateArray(), entry => entry.GetProperty("kind").GetString() == "delivery_replayed"
            && entry.GetProperty("detail").GetProperty("replay").GetInt64() == Number(replay, "id")
            && entry.GetProperty("detail").GetProperty("changed").EnumerateArray().Any(path => path.GetString() == "contact.full_name"));
        Assert.Equal("completed", await StatusAsync(installation, rejected));
        var crm = await installation.Crm.ReadAsync();
        crm.HasNoDuplicates();
        Assert.Equal(2, crm.Contacts.Count);
        Assert.NotEqual(contact["firstname"], crm.Contacts.Single(one => one.Id == contact.Id)["firstname"]);
        Assert.Single(crm.NotesOf(wrong.EventId));
        Assert.Single(crm.NotesOf(rejected.EventId));
        await Flood.VerifiesAsync(installation.Database);
    }

    [Fact]
    public async Task A_replay_is_previewed_filtered_started_and_canceled_from_the_command_line()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        var host = await installation.ServeAsync();
        var lead = await installation.Sender.SendAsync(A.Lead);
        await installation.Sender.SendAsync([A.InvoicePaid, A.Lead.With("msg_broken", ("submission_id", "diag_broken"), ("fields.consent", false))]);
        await installation.QuietAsync();
        string[] access = ["--url", host.Url, "--api-key", Secret.ApiKey];

        var one = await installation.RunAsync(["replay", "--event", $"{lead.EventId}", .. access]);
        Assert.Contains("1 deliveries:", one.Output, StringComparison.Ordinal);
        Assert.Contains("None of them would change anything.", one.Output, StringComparison.Ordinal);
        Assert.Contains("1 deliveries:", (await installation.RunAsync(["replay", "--type", "invoice.paid", .. access])).Output, StringComparison.Ordinal);
        Assert.Contains("1 deliveries:", (await installation.RunAsync(["replay", "--outcome", "rejected", .. access])).Output, StringComparison.Ordinal);
        Assert.Contains("0 deliveries:", (await installation.RunAsync(["replay", "--to", "2020-01-01T00:00:00Z", .. access])).Output, StringComparison.Ordinal);
        Assert.Contains("Replay 1 is canceled", (await installation.RunAsync(["replay", "cancel", "1", .. access])).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await installation.RunAsync(["replay", "start", "1", .. access])).ExitCode);
        Assert.Contains("Replay 5 is running", (await installation.RunAsync(["replay", "--source", "diagnostic", "--go", .. access])).Output, StringComparison.Ordinal);

        var replay = await CompletedAsync(installation, 5);
        Assert.Equal(2, Number(replay, "handled"));
        Assert.Contains("Replay 5 is completed: 2 of 2 sent, 2 handled", (await installation.RunAsync(["replay", "list", .. access])).Output, StringComparison.Ordinal);
    }

    // What a replay must leave as it is: states, commands, reviews, and whatever the CRM has.
    private static async Task<string> StandAsync(Installation installation) => await installation.Database.ValueAsync<string>("""
        SELECT json_build_array(
            (SELECT json_agg(json_build_array(grain, state) ORDER BY grain) FROM grain),
            (SELECT json_agg(json_build_array(effect_key, state, crm_id, attempts) ORDER BY id) FROM command),
            (SELECT json_agg(json_build_array(id, closed_at) ORDER BY id) FROM review),
            (SELECT json_agg(json_build_array(event_id, body) ORDER BY event_id) FROM event))::text
        """) + (await installation.Crm.ReadAsync()).Notes.Count;

    private static long Number(JsonElement json, string name) => json.GetProperty(name).GetInt64();

    private static async Task<string?> StatusAsync(Installation installation, Receipt receipt) =>
        (await installation.Api.TraceAsync(receipt.EventId)).GetProperty("status").GetString();

    private static async Task<JsonElement> RunAsync(Installation installation, object request) =>
        await CompletedAsync(installation, Number(await RequestAsync(installation, request), "id"));

    private static async Task<JsonElement> CompletedAsync(Installation installation, long id)
    {
        JsonElement replay = default;
        await installation.UntilAsync("a completed replay", async () =>
        {
            replay = (await installation.Api.GetAsync($"/v1/replays/{id}")).Json;
            return replay.GetProperty("state").GetString() == "completed";
        });
        return replay;
    }

    private static async Task<JsonElement> RequestAsync(Installation installation, object request)
    {
        using var post = new HttpRequestMessage(HttpMethod.Post, $"{installation.Host.Url}/v1/replays")
        {
            Content = new StringContent(JsonSerializer.Serialize(request), Encoding.UTF8, "application/json"),
        };
        post.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Secret.ApiKey);
        using var response = await Http.SendAsync(post);
        var reply = await Reply.OfAsync(response);
        Assert.True(reply.Status == HttpStatusCode.OK, reply.Text);
        return reply.Json;
    }
}
