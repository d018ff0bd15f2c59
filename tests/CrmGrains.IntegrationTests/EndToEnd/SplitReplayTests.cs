using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>One delivery that tells of several events: each has its own fate by the source's rules, and the same one when it is replayed.</summary>
public sealed class SplitReplayTests(ITestOutputHelper output)
{
    private const string Key = "automation-key-of-the-tests-0123456789";
    private const string Verification = "      secrets: [env:AUTOMATION_SECRET]";
    private const string SpamIsDropped = "{field: lead.pain_summary, op: contains, value: spam}";

    private const string Rules = $"""

            keep:
              - when: {SpamIsDropped}
                as: drop
                reason: spam
              - when: {"{field: lead.urgency, op: eq, value: low}"}
                as: raw
                reason: not_urgent
              - when: {"{field: lead.urgency, op: eq, value: medium}"}
                as: context
                reason: can_wait
        """;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private static readonly string[] Fates = ["accepted", "rejected", "duplicate", "dropped", "kept_raw", "context"];

    [Fact]
    public async Task Each_event_of_a_delivery_has_the_fate_that_the_rules_say_and_keeps_it_in_a_replay()
    {
        await using var installation = await StartAsync();
        var delivery = await SendAsync(
            installation, Lead("ann", "high"), Lead("bob", "high", consent: false), Lead("ann", "high"), Lead("cat", "high", "spam, spam"), Lead("dan", "low"),
            Lead("eve", "medium"));
        await installation.QuietAsync();

        var parts = await PartsAsync(installation, delivery, "delivery_received");
        Assert.Equal(Fates, parts.Select(part => part.Outcome));
        Assert.Equal(["can_wait", "not_urgent", "spam"], await CountedAsync(installation));
        Assert.Single((await installation.Crm.ReadAsync()).Contacts);
        Assert.Equal(0, await installation.Database.ValueAsync<long>("SELECT count(*) FROM dropped_delivery"));
        Assert.Equal([$"event/{parts[1].Id}"], await installation.Database.ListAsync<string>("SELECT key FROM review WHERE closed_at IS NULL AND reason <> 'approval'"));
        var before = (await StandAsync(installation), await installation.Crm.CallsAsync());

        for (var round = 0; round < 2; round++)
        {
            var replay = await ReplayAsync(installation);
            Assert.Equal(1, replay.GetProperty("outcomes").GetProperty("split").GetInt32());
        }

        await installation.QuietAsync();
        Assert.Equal(before, (await StandAsync(installation), await installation.Crm.CallsAsync()));
        var replayed = await PartsAsync(installation, delivery, "delivery_replayed");
        Assert.Equal(parts.Select(part => part.Id).Concat(parts.Select(part => part.Id)), replayed.Select(part => part.Id));
        Assert.Equal(
            Fates.Concat(Fates).Select(fate => fate is "accepted" or "context" ? "replayed" : fate), replayed.Select(part => part.Outcome));
        Assert.Equal(["can_wait", "not_urgent", "spam"], await CountedAsync(installation));
        await Flood.VerifiesAsync(installation.Database);
        Assert.Empty(installation.Host.Errors());
    }

    [Fact]
    public async Task A_delivery_of_which_nothing_is_kept_is_dropped_until_a_replay_under_other_rules_keeps_a_part_of_it()
    {
        await using var installation = await StartAsync();
        var delivery = await SendAsync(installation, Lead("ann", "high", "spam"), Lead("bob", "high", "more spam"));
        await installation.QuietAsync();
        Assert.All(await PartsAsync(installation, delivery, "delivery_received"), part => Assert.Equal("dropped", part.Outcome));
        Assert.Equal([delivery], await installation.Database.ListAsync<Guid>("SELECT event_id FROM dropped_delivery"));
        Assert.Equal(["spam", "spam"], await CountedAsync(installation));

        installation.Workspaces.Change(SpamIsDropped, SpamIsDropped.Replace("spam", "more", StringComparison.Ordinal));
        await installation.UntilAsync("a preview under the other rules", async () =>
            (await RequestAsync(installation, new { })).GetProperty("preview").GetProperty("changes").GetArrayLength() > 0);
        await ReplayAsync(installation);
        await installation.QuietAsync();

        Assert.Equal(["replayed", "dropped"], (await PartsAsync(installation, delivery, "delivery_replayed")).Select(part => part.Outcome));
        Assert.Equal(0, await installation.Database.ValueAsync<long>("SELECT count(*) FROM dropped_delivery"));
        Assert.Equal("ann@example.com", Assert.Single((await installation.Crm.ReadAsync()).Contacts)["email"]);
        await Flood.VerifiesAsync(installation.Database);
    }

    private async Task<Installation> StartAsync()
    {
        var installation = await Installation.CreateQuickAsync(output);
        installation.Environment["AUTOMATION_SECRET"] = Key;
        installation.Workspaces.Change(Verification, Verification + Rules);
        await installation.StartAsync();
        return installation;
    }

    private static object Lead(string name, string urgency, string pain = "Two systems, two truths.", bool consent = true) => new
    {
        id = $"split_{name}",
        type = "lead.submitted",
        timestamp = "2026-04-27T09:01:00Z",
        schema_version = 1,
        data = new
        {
            contact = new { email = $"{name}@example.com", full_name = name },
            company = new { name = "Example", domain = "example.com" },
            lead_context = new { budget_range = "5000_15000", urgency, pain_summary = pain, detected_stack = (string[])["hubspot"] },
            consent_to_contact = consent,
        },
    };

    private static async Task<Guid> SendAsync(Installation installation, params object[] events)
    {
        using var post = new HttpRequestMessage(HttpMethod.Post, $"{installation.Host.Url}/v1/hooks/demo/automation")
        {
            Content = new StringContent(JsonSerializer.Serialize(events), Encoding.UTF8, "application/json"),
        };
        post.Headers.Add("X-Api-Key", Key);
        using var response = await Http.SendAsync(post);
        var reply = await Reply.OfAsync(response);
        Assert.True(reply.Status == HttpStatusCode.Accepted, reply.Text);
        return reply.Json.GetProperty("event_id").GetGuid();
    }

    private static async Task<IReadOnlyList<(Guid Id, string Outcome)>> PartsAsync(Installation installation, Guid delivery, string kind) =>
    [
        .. (await installation.Database.ListAsync<string>("SELECT detail FROM ledger WHERE event_id = $1 AND kind = $2 ORDER BY position", delivery, kind))
            .SelectMany(detail => JsonElement.Parse(detail).GetProperty("parts").EnumerateArray())
            .Select(part => (part.GetProperty("event_id").GetGuid(), part.GetProperty("outcome").GetString() ?? "")),
    ];

    // The reason of each event that a rule has decided about.
    private static async Task<IReadOnlyList<string>> CountedAsync(Installation installation) =>
    [
        .. (await installation.Api.GetAsync("/metrics")).Text.Split('\n')
            .Where(line => line.Contains("source=\"automation\"", StringComparison.Ordinal) && line.Contains(",reason=\"", StringComparison.Ordinal))
            .SelectMany(line => Enumerable.Repeat(line.Split("reason=\"")[1].Split('"')[0], int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture)))
            .Order(StringComparer.Ordinal),
    ];

    private static async Task<string> StandAsync(Installation installation) => await installation.Database.ValueAsync<string>("""
        SELECT json_build_array(
            (SELECT json_agg(json_build_array(grain, state) ORDER BY grain) FROM grain),
            (SELECT json_agg(json_build_array(effect_key, state, crm_id, attempts) ORDER BY id) FROM command),
            (SELECT json_agg(json_build_array(id, closed_at) ORDER BY id) FROM review),
            (SELECT json_agg(json_build_array(event_id, body) ORDER BY event_id) FROM event))::text
        """);

    private static async Task<JsonElement> ReplayAsync(Installation installation)
    {
        var id = (await RequestAsync(installation, new { dry_run = false })).GetProperty("id").GetInt64();
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
        var reply = await installation.Api.PostAsync("/v1/replays", JsonSerializer.Serialize(request));
        Assert.True(reply.Status == HttpStatusCode.OK, reply.Text);
        return reply.Json;
    }
}
