using System.Net;
using System.Text.Json;

namespace CrmGrains.IntegrationTests.Sandbox;

public sealed class FaultTests : SandboxTest
{
    [Theory]
    [InlineData("/objects/2026-09/contacts", true)]
    [InlineData("POST /crm/*/contacts", true)]
    [InlineData("^/crm/objects/[^/]+/contacts$", true)]
    [InlineData("GET /crm/", false)]
    [InlineData("/crm/*/batch/create", false)]
    [InlineData("^/contacts", false)]
    public async Task A_fault_strikes_paths_by_part_glob_or_regular_expression(string path, bool strikes)
    {
        await Post("/sandbox/faults", new { path, status = 500 });

        var answer = await Create("contacts", new { email = "ada@nordwind.test" });

        Assert.Equal(strikes ? HttpStatusCode.InternalServerError : HttpStatusCode.Created, answer.Status);
    }

    [Fact]
    public async Task A_fault_strikes_as_often_as_it_says_and_then_no_more()
    {
        await Post("/sandbox/faults", new { path = "/owners", status = 503, count = 2 });

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Get("/crm/v3/owners")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Get("/crm/v3/owners")).Status);
        Assert.Equal(HttpStatusCode.OK, (await Get("/crm/v3/owners")).Status);
        var listed = Assert.Single((await Get("/sandbox/faults")).Results);
        Assert.Equal((0, 2), (listed.GetProperty("remaining").GetInt32(), listed.GetProperty("struck").GetInt32()));
    }

    [Theory]
    [InlineData(401, "INVALID_AUTHENTICATION")]
    [InlineData(403, "MISSING_SCOPES")]
    [InlineData(423, "LOCKED")]
    [InlineData(429, "RATE_LIMITS")]
    [InlineData(477, "MIGRATION_IN_PROGRESS")]
    [InlineData(500, "INTERNAL_ERROR")]
    public async Task A_status_comes_with_hubspots_body_and_the_wait_that_was_asked_for(int status, string category)
    {
        await Post("/sandbox/faults", new { path = "/owners", status, retry_after = 7 });

        var answer = await Get("/crm/v3/owners");

        Assert.Equal((status, category), ((int)answer.Status, answer.Category));
        Assert.Equal("7", answer.Header("Retry-After"));
    }

    [Fact]
    public async Task A_429_can_be_that_of_the_day()
    {
        await Post("/sandbox/faults", new { path = "/owners", status = 429, policy = "DAILY" });

        Assert.Equal("DAILY", (await Get("/crm/v3/owners")).Body.GetProperty("policyName").GetString());
    }

    [Fact]
    public async Task A_call_dropped_after_success_was_carried_out_and_got_no_answer()
    {
        await Post("/sandbox/faults", new { path = "POST /crm/objects/", kind = "drop_after_success" });

        await Assert.ThrowsAsync<HttpRequestException>(() => Create("contacts", new { email = "ada@nordwind.test" }));

        Assert.Equal(1, (await Get("/sandbox/hubspot/contacts")).Body.GetProperty("count").GetInt32());
        var call = Assert.Single((await Get("/sandbox/requests")).Results);
        Assert.Equal(("drop_after_success", 201), (call.GetProperty("fault").GetString(), call.GetProperty("status").GetInt32()));
        Assert.Equal(1, call.GetProperty("record_ids").GetArrayLength());
    }

    [Fact]
    public async Task A_call_that_times_out_is_held_until_the_caller_gives_up_and_is_not_carried_out()
    {
        await Post("/sandbox/faults", new { path = "/contacts", kind = "timeout" });
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Send(
                HttpMethod.Post,
                $"{Objects}/contacts",
                new { properties = new { email = "ada@nordwind.test" } },
                cancellationToken: patience.Token));

        Assert.Equal(0, (await Get("/sandbox/hubspot/contacts")).Body.GetProperty("count").GetInt32());
        Assert.Equal(1, (await Get("/sandbox/faults")).Results[0].GetProperty("struck").GetInt32());
    }

    [Fact]
    public async Task Garbage_is_a_200_that_is_not_json_and_nothing_is_carried_out()
    {
        await Post("/sandbox/faults", new { path = "/contacts", kind = "garbage" });

        var answer = await Create("contacts", new { email = "ada@nordwind.test" });

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.ThrowsAny<JsonException>(() => answer.Body);
        Assert.Equal(0, (await Get("/sandbox/hubspot/contacts")).Body.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_partial_fault_refuses_every_second_row_of_a_batch()
    {
        await Post("/sandbox/faults", new { path = "/batch/upsert", kind = "partial" });
        var inputs = Enumerable.Range(0, 4).Select(i => new
        {
            id = $"k{i}",
            idProperty = "crmgrains_key",
            objectWriteTraceId = $"row-{i}",
            properties = new { name = $"n{i}" },
        });

        var answer = await Post($"{Objects}/companies/batch/upsert", new { inputs });

        Assert.Equal(HttpStatusCode.MultiStatus, answer.Status);
        Assert.Equal("n1 n3", Names(answer.Results, "name"));
        Assert.Equal(
            ["row-0", "row-2"],
            answer.Body.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("context").GetProperty("objectWriteTraceId")[0].GetString()));
        Assert.Equal(2, (await Get("/sandbox/hubspot/companies")).Body.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Faults_by_chance_repeat_with_their_seed_and_last_until_they_are_cleared()
    {
        var first = await OutcomesOf(new { path = "/owners", status = 500, probability = 0.5, seed = 42 });
        var second = await OutcomesOf(new { path = "/owners", status = 500, probability = 0.5, seed = 42 });

        Assert.Equal(first, second);
        Assert.Contains(HttpStatusCode.OK, first);
        Assert.Contains(HttpStatusCode.InternalServerError, first);

        async Task<IReadOnlyList<HttpStatusCode>> OutcomesOf(object fault)
        {
            Assert.Equal(HttpStatusCode.NoContent, (await Delete("/sandbox/faults")).Status);
            await Post("/sandbox/faults", fault);
            var outcomes = new List<HttpStatusCode>();
            for (var call = 0; call < 20; call++) outcomes.Add((await Get("/crm/v3/owners")).Status);
            return outcomes;
        }
    }

    [Theory]
    [InlineData("""{"path":"x"}""")]
    [InlineData("""{"status":500}""")]
    [InlineData("""{"path":"x","status":200}""")]
    [InlineData("""{"path":"x","kind":"mood"}""")]
    [InlineData("""{"path":"^(","status":500}""")]
    [InlineData("""{"path":"x","status":500,"probability":2}""")]
    [InlineData("""[{"path":"x","status":500},null]""")]
    [InlineData("""7""")]
    public async Task A_fault_that_makes_no_sense_is_refused_and_none_is_set(string body)
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await Post("/sandbox/faults", body)).Status);
        Assert.Empty((await Get("/sandbox/faults")).Results);
    }
}
