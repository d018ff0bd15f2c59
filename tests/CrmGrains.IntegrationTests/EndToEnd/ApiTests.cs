using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CrmGrains.IntegrationTests.Engine;
using CrmGrains.IntegrationTests.Metrics;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>The API of a process that has seen a good lead, a broken one, and one that the CRM wouldn't take.</summary>
public sealed class ApiTests(ITestOutputHelper output)
{
    private static readonly string[] Protected =
        ["/v1/events/01941f29-7c00-7000-8000-000000000000", "/v1/events/01941f29-7c00-7000-8000-000000000000/why", "/v1/events/01941f29-7c00-7000-8000-000000000000/whatif", "/v1/customers?email=ops@example.com", "/v1/reviews", "/v1/ledger", "/v1/ledger/verify", "/v1/dead-letters", "/v1/drift", "/v1/replays", "/v1/keys", "/v1/actions", "/v1/autonomy",
            "/v1/undo/01941f29-7c00-7000-8000-000000000000"];

    [Fact]
    public async Task Every_answer_needs_a_key_with_the_scope_for_it()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        var host = await installation.ServeAsync("console");
        await installation.Database.ExecuteAsync(
            "INSERT INTO api_key (key_hash, name, scopes) VALUES ($1, 'reader', '{reviews:read}')", SHA256.HashData(Encoding.UTF8.GetBytes("reader-key")));
        var (nobody, stranger, reader) = (new Api(host.Url, null), new Api(host.Url, "no-such-key"), new Api(host.Url, "reader-key"));

        foreach (var path in Protected)
        {
            Assert.Equal((HttpStatusCode.Unauthorized, "application/problem+json"), Seen(await nobody.GetAsync(path)));
            Assert.Equal((HttpStatusCode.Unauthorized, "application/problem+json"), Seen(await stranger.GetAsync(path)));
            Assert.Equal(
                path is "/v1/reviews" or "/v1/drift" ? (HttpStatusCode.OK, "application/json") : (HttpStatusCode.Forbidden, "application/problem+json"),
                Seen(await reader.GetAsync(path)));
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await reader.PostAsync("/v1/dead-letters/1/retry")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await installation.Api.PostAsync("/v1/dead-letters/1/retry")).Status);
    }

    [Fact]
    public async Task Queries_that_make_no_sense_are_problem_documents()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync("console");

        Assert.All(
            await Task.WhenAll(((string[])[
                "/v1/ledger?limit=0", "/v1/ledger?limit=x", "/v1/ledger?after=%20nonsense", "/v1/ledger?after=AAAA", "/v1/reviews?limit=501", "/v1/reviews?status=closed",
                "/v1/reviews?after=1", "/v1/dead-letters?limit=-1", "/v1/customers",
                "/v1/customers?email=%00", "/v1/customers?email=a&workspace=a%00", "/v1/reviews?reason=%00", "/v1/drift?source=a%00b",
            ]).Select(installation.Api.GetAsync)),
            reply => Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), Seen(reply)));
        Assert.All(
            await Task.WhenAll(((string[])["/v1/nothing", "/v1/events/1", "/v1/customers?email=nobody@example.com", "/v1/customers/none"]).Select(installation.Api.GetAsync)),
            reply => Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), Seen(reply)));
        Assert.Equal(
            (HttpStatusCode.BadRequest, "application/problem+json"), Seen(await installation.Api.PostAsync("/v1/replays", """{"source":"\u0000"}""")));
        Assert.Empty(installation.Host.Errors());
    }

    [Fact]
    public async Task The_openapi_document_names_every_endpoint()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        var host = await installation.ServeAsync();

        var reply = await new Api(host.Url, null).GetAsync("/openapi/v1.json");

        Assert.Equal((HttpStatusCode.OK, "application/json"), Seen(reply));
        Assert.Equal(
            [
                "/v1/actions", "/v1/actions/{id}/undo", "/v1/autonomy", "/v1/autonomy/{action}/decline",
                "/v1/autonomy/{action}/grant", "/v1/autonomy/{action}/revoke", "/v1/config/schema", "/v1/configurations", "/v1/configurations/{hash}", "/v1/contract", "/v1/contract/{type}", "/v1/customers", "/v1/customers/{key}", "/v1/customers/{key}/merge",
                "/v1/customers/{key}/unmerge", "/v1/dead-letters",
                "/v1/dead-letters/{id}/discard", "/v1/dead-letters/{id}/retry", "/v1/drift", "/v1/drift/{id}/accept",
                "/v1/events/{id}", "/v1/events/{id}/explain", "/v1/events/{id}/whatif", "/v1/events/{id}/why",
                "/v1/hooks/{workspace}/{source}", "/v1/keys", "/v1/keys/{id}/revoke", "/v1/ledger", "/v1/ledger/verify", "/v1/replays", "/v1/replays/{id}",
                "/v1/replays/{id}/cancel", "/v1/replays/{id}/start", "/v1/reviews", "/v1/reviews/bulk", "/v1/reviews/{id}", "/v1/reviews/{id}/approve",
                "/v1/reviews/{id}/ask", "/v1/reviews/{id}/assign", "/v1/reviews/{id}/edit", "/v1/reviews/{id}/escalate", "/v1/reviews/{id}/reject",
                "/v1/reviews/{id}/reply", "/v1/reviews/{id}/resolve", "/v1/reviews/{id}/snooze",
                "/v1/undo", "/v1/undo/{id}", "/v1/undo/{id}/approve", "/v1/undo/{id}/reject",
            ],
            reply.Json.GetProperty("paths").EnumerateObject().Select(path => path.Name.TrimEnd('/')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Reviews_customers_and_the_ledger_are_read_in_pages()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();
        var lead = await installation.Sender.SendAsync(A.Lead);
        var broken = await installation.Sender.SendAsync(
            [A.Lead.With("msg_1", ("fields.email", "none")), A.Lead.With("msg_2", ("fields.consent", false)), A.Lead.With("msg_3", ("fields.budget", "a lot"))]);
        await installation.QuietAsync();

        var first = (await installation.Api.GetAsync("/v1/reviews?limit=2")).Json.GetProperty("items").EnumerateArray().ToList();
        var rest = (await installation.Api.GetAsync($"/v1/reviews?limit=2&after={first[^1].GetProperty("id").GetString()}")).Json.GetProperty("items").EnumerateArray();
        Assert.Equal(
            broken.Select(receipt => receipt.EventId).Order(),
            first.Concat(rest).Select(review => review.GetProperty("event_id").GetGuid()).Order());
        Assert.All(first, review => Assert.Equal("invalid_payload", review.GetProperty("reason").GetString()));

        var customer = (await installation.Api.GetAsync("/v1/customers?email=%20OPS@example.com")).Json;
        Assert.Equal(customer.GetProperty("key").GetString(), (await installation.Api.GetAsync($"/v1/customers/{customer.GetProperty("key").GetString()}")).Json.GetProperty("key").GetString());
        var contact = Assert.Single((await installation.Crm.ReadAsync()).Contacts);
        Assert.Equal(contact.Id, Assert.Single(customer.GetProperty("crm_ids").GetProperty("contact").EnumerateArray()).GetString());

        var entries = await LedgerAsync(installation.Api);
        Assert.Equal(await installation.Database.ValueAsync<long>("SELECT count(*) FROM ledger"), entries.Count);
        Assert.Equal(entries.Count, entries.DistinctBy(entry => (entry.GetProperty("partition").GetInt32(), entry.GetProperty("position").GetInt64())).Count());
        Assert.Contains(entries, entry => entry.TryGetProperty("event_id", out var id) && id.GetGuid() == lead.EventId);
        Assert.All((await installation.Api.GetAsync("/v1/ledger/verify")).Json.EnumerateArray(), report => Assert.Equal((true, false), (report.GetProperty("entries").GetInt64() > 0, report.TryGetProperty("broken_at", out _))));
    }

    [Fact]
    public async Task A_dead_letter_is_retried_or_discarded_by_a_person()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        installation.Environment["CRMGRAINS__Outbox__MaxAttempts"] = "2";
        await installation.ServeAsync();
        await installation.Crm.FailAsync(new { path = "notes/batch/create", status = 500, count = 2 });
        var lead = await installation.Sender.SendAsync(A.Lead);
        await installation.UntilAsync("a dead letter", async () => (await LettersAsync(installation)).Count == 1);
        await installation.QuietAsync();
        Assert.Equal("failed", await StatusAsync(installation, lead));

        var letter = Assert.Single(await LettersAsync(installation));
        Assert.Equal("crm_api_failed_jobs", letter.GetProperty("queue").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await installation.Api.PostAsync($"/v1/dead-letters/{letter.GetProperty("id")}/retry")).Status);
        await installation.UntilAsync("a completed event", async () => await StatusAsync(installation, lead) == "completed");
        Assert.Single((await installation.Crm.ReadAsync()).Notes);
        Assert.Empty(await LettersAsync(installation));

        await installation.Crm.FailAsync(new { path = "notes/batch/create", status = 503, count = 2 });
        var next = await installation.Sender.SendAsync(A.Lead.With("msg_next", ("submission_id", "diag_next")));
        await installation.UntilAsync("another dead letter", async () => (await LettersAsync(installation)).Count == 1);
        var id = (await LettersAsync(installation))[0].GetProperty("id");
        Assert.Equal(HttpStatusCode.NoContent, (await installation.Api.PostAsync($"/v1/dead-letters/{id}/discard")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await installation.Api.PostAsync($"/v1/dead-letters/{id}/discard")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await installation.Api.PostAsync($"/v1/dead-letters/{id}/retry")).Status);
        await installation.QuietAsync();
        Assert.Empty(await LettersAsync(installation));
        Assert.Single((await installation.Crm.ReadAsync()).Notes);
        Assert.NotEqual("in_progress", await StatusAsync(installation, next));
        await Flood.VerifiesAsync(installation.Database);
    }

    [Fact]
    public async Task The_metrics_tell_what_operators_need_and_promtool_accepts_them()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        var host = await installation.StartAsync();
        await installation.Sender.SendAsync([A.Lead, A.Lead, A.Lead.With("msg_1", ("fields.consent", false))]);
        await installation.Sender.TryAsync(A.Lead, Secret.NewDiagnostic);
        await installation.QuietAsync();
        await installation.UntilAsync("counted reviews", async () =>
            (await installation.Api.GetAsync("/metrics")).Text.Contains("backlog{queue=\"reviews\"} 1", StringComparison.Ordinal));

        var metrics = (await new Api(host.Url, null).GetAsync("/metrics")).Text;

        Assert.All(
            [
                "deliveries_total{", "answer=\"accepted\"", "answer=\"duplicate\"", "answer=\"wrong_signature\"",
                "backlog{queue=\"mailboxes\"}", "backlog{queue=\"intake\"}", "backlog{queue=\"commands\"}", "backlog{queue=\"dead_letters\"}",
                "backlog_oldest_seconds{queue=\"mailboxes\"}", "turns_run_seconds_bucket", "commit_seconds_bucket", "batch_messages_bucket",
                "inbox_batch_messages_bucket", "crm_commands{state=\"waiting\"}", "crm_attempt_seconds_count{", "outcome=\"succeeded\"", "crm_quota_left{",
            ],
            name => Assert.Contains(name, metrics, StringComparison.Ordinal));
        var (exitCode, complaints) = await PrometheusServer.CheckAsync(metrics);
        Assert.True(exitCode == 0, $"promtool ended with {exitCode}:\n{string.Join('\n', complaints)}");
    }

    private static (HttpStatusCode, string?) Seen(Reply reply) => (reply.Status, reply.ContentType);

    private static async Task<IReadOnlyList<JsonElement>> LettersAsync(Installation installation) =>
        [.. (await installation.Api.GetAsync("/v1/dead-letters")).Json.GetProperty("items").EnumerateArray()];

    private static async Task<string?> StatusAsync(Installation installation, Receipt receipt) =>
        (await installation.Api.TraceAsync(receipt.EventId)).GetProperty("status").GetString();

    private static async Task<IReadOnlyList<JsonElement>> LedgerAsync(Api api)
    {
        var entries = new List<JsonElement>();
        var after = "";
        while (true)
        {
            var page = (await api.GetAsync($"/v1/ledger?limit=5&after={after}")).Json;
            var found = page.GetProperty("entries").EnumerateArray().ToList();
            Assert.InRange(found.Count, 0, 5);
            if (found.Count == 0)
                return entries;
            entries.AddRange(found);
            after = page.GetProperty("next").GetString();
        }
    }
}
