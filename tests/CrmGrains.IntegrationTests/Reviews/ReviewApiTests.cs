using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.IntegrationTests.EndToEnd;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Reviews;

/// <summary>The queue over HTTP and in a terminal.</summary>
public sealed class ReviewApiTests(ITestOutputHelper output)
{
    private static readonly GrainId Customer = GrainId.Of("demo", GrainKind.Customer, "c1");

    [Fact]
    public async Task An_item_is_read_changed_and_approved_and_what_was_approved_survives_the_process_that_took_it()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        var host = await installation.StartAsync("console");
        var (high, normal) = (await OpenAsync(installation, 1, RiskTier.High), await OpenAsync(installation, 2, RiskTier.Medium));
        var bob = new Api(host.Url, await KeyAsync(installation, "bob", "reviews:read", "reviews:decide"));
        var reader = new Api(host.Url, await KeyAsync(installation, "reader", "reviews:read"));

        Assert.Equal([high, normal], await IdsAsync(installation.Api, "/v1/reviews"));
        Assert.Equal([normal], await IdsAsync(installation.Api, $"/v1/reviews?after={high}"));
        Assert.Equal([normal], await IdsAsync(installation.Api, "/v1/reviews?tier=medium&action=create_task&workspace=demo&assignee="));
        Assert.Empty(await IdsAsync(installation.Api, "/v1/reviews?status=overdue"));
        var seen = await installation.Api.GetAsync($"/v1/reviews/{high}");
        Assert.Equal("\"1\"", seen.Headers.ETag?.Tag);
        Assert.Equal("Call", Value(seen.Json, "subject").GetProperty("proposed").GetString());
        Assert.Equal(["approve", "edit", "reject"], seen.Json.GetProperty("answers").EnumerateObject().Select(answer => answer.Name).Order(StringComparer.Ordinal));

        Assert.Equal(HttpStatusCode.Forbidden, (await reader.PostAsync($"/v1/reviews/{high}/approve", """{"version":1}""")).Status);
        Assert.Equal((HttpStatusCode)428, (await bob.PostAsync($"/v1/reviews/{high}/approve")).Status);
        Assert.Equal((HttpStatusCode.NotFound, "not_found"), Seen(await bob.PostAsync($"/v1/reviews/{Guid.NewGuid()}/approve", """{"version":1}""")));
        Assert.Equal((HttpStatusCode.BadRequest, "bad_request"), Seen(await bob.PostAsync($"/v1/reviews/{high}/reject", """{"version":1}""")));
        var faulty = await bob.PostAsync($"/v1/reviews/{high}/edit", """{"version":1,"edits":{"on":[],"priority":"top"}}""");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "bad_edits"), Seen(faulty));
        Assert.Equal(["on", "priority"], faulty.Json.GetProperty("faults").EnumerateArray().Select(fault => fault.GetProperty("path").GetString()).Order(StringComparer.Ordinal));

        using var content = new StringContent("""{"edits":{"subject":"Call at once"}}""", Encoding.UTF8, "application/json");
        using var edit = new HttpRequestMessage(HttpMethod.Post, $"{host.Url}/v1/reviews/{high}/edit") { Content = content };
        edit.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Secret.ApiKey);
        edit.Headers.IfMatch.Add(new EntityTagHeaderValue("\"1\""));
        using var http = new HttpClient();
        using var edited = await http.SendAsync(edit);
        Assert.Equal(HttpStatusCode.OK, edited.StatusCode);
        var late = await bob.PostAsync($"/v1/reviews/{high}/approve", """{"version":1}""");
        Assert.Equal((HttpStatusCode.Conflict, "answered"), Seen(late));
        Assert.Contains("edited by CRMGRAINS_API_KEY", late.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);

        var bulk = await bob.PostAsync("/v1/reviews/bulk", $$"""
            {"answers":[{"id":"{{normal}}","version":1,"answer":"approve"},{"id":"{{high}}","version":1,"answer":"reject","reason":"No."},{"id":"{{normal}}","version":1,"answer":"nod"}]}
            """);
        Assert.Equal([200, 409, 400], bulk.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("status").GetInt32()));

        await host.KillAsync();
        await installation.ServeAsync();
        await installation.UntilAsync("both commands", async () => await installation.Database.ValueAsync<long>("SELECT count(*) FROM command WHERE object = 'task'") == 2);
        Assert.Contains("Call at once", await installation.Database.ValueAsync<string>("SELECT body FROM command WHERE event_id = $1", EventOf(1)), StringComparison.Ordinal);
        Assert.Empty(installation.Host.Errors());
    }

    [Fact]
    public async Task A_person_answers_from_a_terminal()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        var host = await installation.ServeAsync("console");
        var id = (await OpenAsync(installation, 1, RiskTier.High)).ToString();
        async Task<Finished> Run(params string[] arguments) => await installation.RunAsync(["reviews", .. arguments, "--url", host.Url]);

        var listed = await Run("list", "--tier", "high");
        Assert.Contains(id, listed.Output, StringComparison.Ordinal);
        var shown = await Run("show", id);
        output.WriteLine(shown.Output);
        Assert.Equal((0, ""), (shown.ExitCode, shown.Error));
        Assert.All(
            [$"Review {id}  OPEN", "Proposed by quote: call", "? Which number?", "✗ approval_not_needed", "customer.phone", $"crmgrains reviews approve {id} --seen 1"],
            part => Assert.Contains(part, shown.Output, StringComparison.Ordinal));

        var asked = await Run("ask", id, "--seen", "1", "--text", "Which quote?", "--to", "bob");
        Assert.Equal((0, ""), (asked.ExitCode, asked.Error));
        var stale = await Run("reject", id, "--seen", "1", "--reason", "No.");
        Assert.Equal(1, stale.ExitCode);
        Assert.Contains("Changed meanwhile (409)", stale.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await Run("reply", id, "--seen", "2", "--text", "The second.")).ExitCode);
        Assert.Equal(0, (await Run("snooze", id, "--seen", "3", "--until", DateTimeOffset.UnixEpoch.AddSeconds(
            await installation.Database.ValueAsync<double>("SELECT extract(epoch FROM now() + interval '1 hour')::float8")).ToString("O"))).ExitCode);
        Assert.Equal(0, (await Run("assign", id, "--seen", "4", "--to", "ann")).ExitCode);
        Assert.Equal(0, (await Run("escalate", id, "--seen", "5")).ExitCode);
        var edited = await Run("edit", id, "--seen", "6", "--set", "subject=Call: now", "--set", "owner_email=null", "--json");
        Assert.Equal((0, ""), (edited.ExitCode, edited.Error));
        Assert.Equal("edited", JsonElement.Parse(edited.Output).GetProperty("answer").GetString());
        Assert.Contains("ANSWERED", (await Run("show", id)).Output, StringComparison.Ordinal);
        Assert.Equal(
            ["asked", "replied", "snoozed", "assigned", "escalated", "edited"], await installation.Database.ListAsync<string>("SELECT step FROM review_step ORDER BY id"));
    }

    [Fact]
    public async Task A_delivery_that_broke_the_contract_is_replayed_by_an_approval_and_what_is_still_wrong_is_a_new_item()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();
        await installation.Sender.SendAsync(EndToEnd.A.Lead.With("msg_1", ("fields.email", "none")));
        await installation.QuietAsync();
        var id = Assert.Single(await IdsAsync(installation.Api, "/v1/reviews"));

        Assert.Equal(HttpStatusCode.OK, (await installation.Api.PostAsync($"/v1/reviews/{id}/approve", """{"version":1}""")).Status);

        await installation.UntilAsync("the item of the replay", async () => await IdsAsync(installation.Api, "/v1/reviews") is [var next] && next != id);
        Assert.Equal("approved", (await installation.Api.GetAsync($"/v1/reviews/{id}")).Json.GetProperty("item").GetProperty("answer").GetString());
        Assert.Empty(installation.Host.Errors());
    }

    private static JsonElement Value(JsonElement view, string path) => view.GetProperty("proposal").GetProperty("values").EnumerateArray()
        .First(value => value.GetProperty("path").GetString() == path);

    private static async Task<List<Guid>> IdsAsync(Api api, string path)
    {
        var reply = await api.GetAsync(path);
        Assert.True(reply.Status == HttpStatusCode.OK, reply.Text);
        return [.. reply.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid())];
    }

    private static (HttpStatusCode Status, string? Code) Seen(Reply reply) => (reply.Status, reply.Code);

    private static Guid EventOf(int number) => new(number, 0, 0, new byte[8]);

    private static async Task<string> KeyAsync(Installation installation, string name, params string[] scopes)
    {
        await installation.Database.ExecuteAsync(
            "INSERT INTO api_key (key_hash, name, scopes) VALUES ($1, $2, $3)", SHA256.HashData(Encoding.UTF8.GetBytes($"{name}-key")), name, scopes);
        return $"{name}-key";
    }

    // As a turn of the customer would have left it.
    private static async Task<Guid> OpenAsync(Installation installation, int number, RiskTier tier)
    {
        var now = DateTimeOffset.UnixEpoch.AddSeconds(await installation.Database.ValueAsync<double>("SELECT extract(epoch FROM now())::float8"));
        var proposal = new Proposal
        {
            Key = $"k{number}",
            EventId = EventOf(number),
            Step = 5,
            From = "quote",
            Name = "call",
            Type = "create_task",
            Tier = tier,
            Command = new CrmCommand.CreateTask("call", "Call", "About it.", now.AddDays(1), "medium", "closer@acme.example", [new RecordRef(CrmObject.Contact, Customer)]),
            Reason = "They asked.",
            Saw = new Dictionary<string, string?> { ["customer.phone"] = null },
            Questions = ["Which number?"],
            Gates = [new GateTrace("approval_not_needed", false, "high risk")],
            ProposedAt = now,
            DueAt = now.AddHours(4),
            ExpiresAt = now.AddDays(3),
        };
        var state = JsonSerializer.Serialize(
            new CustomerState { IsContactWanted = true, Proposals = new Dictionary<string, int> { ["k1"] = 1, ["k2"] = 1 } }, CoreJson.Default.CustomerState);
        await installation.Database.ExecuteAsync(
            "INSERT INTO grain (partition, grain, version, state) VALUES ($1, $2, 1, $3) ON CONFLICT DO NOTHING", MailboxPartition.Of(Customer), Customer.ToString(), state);
        return await installation.Database.ValueAsync<Guid>(
            """
            INSERT INTO review (workspace, key, reason, summary, grain, event_id, proposal, action, tier, priority, due_at, expires_at)
            VALUES ('demo', $1, 'approval', 'They asked.', $2, $3, $4, 'create_task', $5, CASE WHEN $5 = 'high' THEN 'high' ELSE 'normal' END, $6, $7) RETURNING id
            """,
            proposal.Key, Customer.ToString(), proposal.EventId, JsonSerializer.Serialize(proposal, CoreJson.Default.Proposal), tier.Name(),
            proposal.DueAt.UtcDateTime, proposal.ExpiresAt.UtcDateTime);
    }
}
