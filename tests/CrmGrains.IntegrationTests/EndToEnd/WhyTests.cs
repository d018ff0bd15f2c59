using System.Net;
using System.Text.Json;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>Why an event was decided on as it was, and what would become of it if it had said something else.</summary>
public sealed class WhyTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("lead.budget_range", "fields.budget", "under_5000", 74, "standard", "account_manager")]
    [InlineData("lead.budget_range", "fields.budget", "15000_50000", 99, "priority", "operations_architect")]
    [InlineData("lead.urgency", "fields.urgency", "low", 69, "standard", "account_manager")]
    public async Task What_is_predicted_is_what_such_a_lead_then_gets(string field, string path, string value, int score, string tier, string role)
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();
        var sent = await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();

        var predicted = (await installation.Api.GetAsync($"/v1/events/{sent.EventId}/whatif?{field}={value}")).Json;
        var then = await installation.Sender.SendAsync(A.Lead.With("msg_then", ("submission_id", "diag_then"), (path, value)));
        await installation.QuietAsync();
        var decided = (await installation.Api.GetAsync($"/v1/events/{then.EventId}/why")).Json;

        Assert.Equal((89, "priority"), (Score(predicted.GetProperty("before")), Tier(predicted.GetProperty("before"))));
        Assert.Equal((score, tier, "route"), (Score(predicted.GetProperty("after")), Tier(predicted.GetProperty("after")), Text(predicted.GetProperty("after"), "outcome")));
        Assert.Equal(role, Text(predicted.GetProperty("after").GetProperty("routing"), "target_owner_role"));
        Assert.Equal(predicted.GetProperty("after").GetProperty("routing").GetRawText(), decided.GetProperty("routing").GetRawText());
        Assert.Contains(
            predicted.GetProperty("conditions").EnumerateArray(),
            change => change.GetProperty("after").TryGetProperty("saw", out var saw) && saw.GetString() == value);
    }

    [Fact]
    public async Task The_sample_lead_is_explained_with_its_parts_conditions_rules_and_what_would_flip_it()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();
        var sent = await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();

        var why = (await installation.Api.GetAsync($"/v1/events/{sent.EventId}/why")).Json;

        Assert.Equal(
            "The lead has a score of 89, is qualified and goes to priority: a deal in automation_audit for the operations_architect.", Text(why, "summary"));
        Assert.Equal(("completed", "route", true), (Text(why, "status"), Text(why, "outcome"), why.GetProperty("configuration").GetProperty("is_in_force").GetBoolean()));
        Assert.Equal(89, why.GetProperty("routing").GetProperty("score_parts").EnumerateArray().Sum(part => part.GetProperty("points").GetInt32()));
        Assert.Contains(
            why.GetProperty("conditions").EnumerateArray(),
            condition => Text(condition, "rule") == "scoring.urgent" && Text(condition, "saw") == "high" && condition.GetProperty("holds").GetBoolean());
        Assert.Equal(5, why.GetProperty("plan").GetArrayLength());
        Assert.Equal(
            "score 89; 79 routes to standard; lead.urgency is high: with medium the score is 79 and it goes to standard",
            Text(why.GetProperty("counterfactuals"), "sentence"));

        foreach (var flip in why.GetProperty("counterfactuals").GetProperty("flips").EnumerateArray())
        {
            var query = flip.GetProperty("changes").EnumerateArray().Select(change =>
                $"{Text(change, "field")}={(change.TryGetProperty("to", out var to) ? Uri.EscapeDataString(to.ToString()) : "")}");
            var flipped = (await installation.Api.GetAsync($"/v1/events/{sent.EventId}/whatif?{string.Join('&', query)}")).Json.GetProperty("after");
            Assert.Equal(
                (flip.GetProperty("score").GetInt32(), Text(flip, "tier"), Text(flip, "status")),
                (Score(flipped), Tier(flipped), Text(flipped.GetProperty("routing"), "qualification_status")));
        }

        var told = await installation.RunAsync("why", $"{sent.EventId}", "--url", installation.Host.Url);
        output.WriteLine(told.Output);
        Assert.Equal((0, ""), (told.ExitCode, told.Error));
        Assert.All(
            [$"Event {sent.EventId}  COMPLETED", "Score 89", "+20  project_budget", "+12  has_company", "not given", "Status qualified", "Tier priority", "Plan", "What would change it", "which are in force"],
            part => Assert.Contains(part, told.Output, StringComparison.Ordinal));
        var json = await installation.RunAsync("why", $"{sent.EventId}", "--json", "--url", installation.Host.Url);
        Assert.Equal((0, why.GetRawText()), (json.ExitCode, json.Output.Trim()));
    }

    [Fact]
    public async Task After_the_rules_changed_the_recorded_ones_explain_and_either_can_be_asked()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();
        var sent = await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();
        var recorded = Text((await installation.Api.GetAsync($"/v1/events/{sent.EventId}/why")).Json.GetProperty("configuration"), "hash");
        await installation.UntilAsync("a recorded configuration", async () =>
            await installation.Database.ValueAsync<long>("SELECT count(*) FROM configuration") == 1);

        installation.Workspaces.Change("{field: score, op: gte, value: 80}", "{field: score, op: gte, value: 95}");
        await installation.UntilAsync("the new rules in force", async () =>
            !(await installation.Api.GetAsync($"/v1/events/{sent.EventId}/why")).Json.GetProperty("configuration").GetProperty("is_in_force").GetBoolean());
        var now = (await installation.Api.GetAsync($"/v1/events/{sent.EventId}/whatif?lead.urgency=high")).Json;
        var then = (await installation.Api.GetAsync($"/v1/events/{sent.EventId}/whatif?lead.urgency=high&configuration=recorded")).Json;
        var why = (await installation.Api.GetAsync($"/v1/events/{sent.EventId}/why")).Json;

        Assert.Equal(("standard", true), (Tier(now.GetProperty("before")), now.GetProperty("configuration").GetProperty("is_in_force").GetBoolean()));
        Assert.Equal(("priority", recorded), (Tier(then.GetProperty("before")), Text(then.GetProperty("configuration"), "hash")));
        Assert.Equal(
            ("priority", 79),
            (Text(why.GetProperty("routing"), "routing_tier"), why.GetProperty("counterfactuals").GetProperty("score_steps")[0].GetProperty("score").GetInt32()));
    }

    [Fact]
    public async Task Questions_that_make_no_sense_are_problems_that_name_what_there_is()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();
        var lead = await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();
        var others = await installation.Sender.SendAsync([A.InvoicePaid, A.Lead with { DeliveryId = "msg_again" }, A.Lead.With("msg_bad", ("fields.consent", false))]);
        await installation.QuietAsync();
        Task<Reply> Ask(string query) => installation.Api.GetAsync($"/v1/events/{lead.EventId}/whatif{query}");

        foreach (var (query, code, part) in ((string, string, string)[])[
            ("", "nothing_supposed", "Name a field"), ("?lead.budgett=x", "unknown_field", "lead.budget_range"), ("?score=90", "unknown_field", "`score`"),
            ("?customer.events=3", "unknown_field", "customer.events"), ("?lead.urgency=high&lead.urgency=low", "invalid_value", "once"),
            ("?lead.urgency=utmost", "invalid_value", "low, medium, high"), ("?consent=perhaps", "invalid_value", "true or false"),
            ("?lead.stack_size=-1", "invalid_value", "whole number"), ("?lead.stack_size=", "invalid_value", "whole number"), ("?email=nobody", "invalid_value", "address"),
            ("?phone=12", "invalid_value", "phone number"), ("?company.domain=no%20domain", "invalid_value", "domain"),
            ($"?full_name={new string('x', 4001)}", "invalid_value", "4000"), ("?lead.urgency=low&configuration=old", "configuration_unknown", "recorded"),
        ])
        {
            var reply = await Ask(query);
            Assert.Equal((HttpStatusCode.BadRequest, code), (reply.Status, reply.Code));
            Assert.Contains(part, Text(reply.Json, "detail"), StringComparison.Ordinal);
            Assert.Contains(reply.Json.GetProperty("fields").EnumerateArray(), field => field.GetString() == "lead.urgency");
        }

        foreach (var (other, part) in others.Zip(["judge lead.submitted only", $"repeats event {lead.EventId}", "never read as an event"]))
        {
            var reply = await installation.Api.GetAsync($"/v1/events/{other.EventId}/whatif?lead.urgency=low");
            Assert.Equal((HttpStatusCode.Conflict, "not_a_judged_lead"), (reply.Status, reply.Code));
            Assert.Contains(part, Text(reply.Json, "detail"), StringComparison.Ordinal);
            var why = await installation.Api.GetAsync($"/v1/events/{other.EventId}/why");
            Assert.Equal((HttpStatusCode.OK, false), (why.Status, why.Json.TryGetProperty("counterfactuals", out _)));
            Assert.Equal(0, (await installation.RunAsync("why", $"{other.EventId}", "--url", installation.Host.Url)).ExitCode);
        }

        Assert.All(
            await Task.WhenAll(installation.Api.GetAsync($"/v1/events/{Guid.CreateVersion7()}/why"), installation.Api.GetAsync($"/v1/events/{Guid.CreateVersion7()}/whatif?lead.urgency=low")),
            reply => Assert.Equal((HttpStatusCode.NotFound, "not_found"), (reply.Status, reply.Code)));
        Assert.Empty(installation.Host.Errors());
    }

    [Fact]
    public async Task The_command_line_shows_both_sides_and_says_what_is_wrong()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();
        var sent = await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();
        string[] where = ["--url", installation.Host.Url];
        var id = $"{sent.EventId}";

        var told = await installation.RunAsync(["whatif", id, "lead.budget_range=under_5000", "phone=", .. where]);
        output.WriteLine(told.Output);
        Assert.Equal((0, ""), (told.ExitCode, told.Error));
        Assert.All(
            ["lead.budget_range: 5000_15000 → under_5000", "phone: +15551234567 → nothing", "The score goes from 89 to 66: the lead is qualified and goes to standard: a deal in automation_audit for the account_manager.", "Points that change", "Conditions that change", "Nothing was changed."],
            part => Assert.Contains(part, told.Output, StringComparison.Ordinal));
        var json = await installation.RunAsync(["whatif", id, "lead.urgency=low", "--recorded", "--json", .. where]);
        Assert.Equal((0, 69), (json.ExitCode, Score(JsonElement.Parse(json.Output).GetProperty("after"))));

        var unknownField = await installation.RunAsync(["whatif", id, "lead.budgett=1", .. where]);
        var noValue = await installation.RunAsync(["whatif", id, "lead.urgency", .. where]);
        var unknownEvent = await installation.RunAsync(["why", $"{Guid.CreateVersion7()}", .. where]);
        var away = await installation.RunAsync("whatif", id, "lead.urgency=low", "--url", "http://127.0.0.1:1");
        var noFields = await installation.RunAsync(["whatif", id, .. where]);
        Assert.All([unknownField, noValue, unknownEvent, away, noFields], run => Assert.Equal((1, false), (run.ExitCode, run.Error.Contains("   at ", StringComparison.Ordinal))));
        Assert.StartsWith("Unknown field (400). There is no field `lead.budgett` to suppose. There are ", unknownField.Error, StringComparison.Ordinal);
        Assert.StartsWith("`lead.urgency` isn't a field and its value.", noValue.Error, StringComparison.Ordinal);
        Assert.StartsWith("No such event (404).", unknownEvent.Error, StringComparison.Ordinal);
        Assert.StartsWith("No host answers at http://127.0.0.1:1/", away.Error, StringComparison.Ordinal);
    }

    private static int Score(JsonElement judgment) => judgment.GetProperty("routing").GetProperty("lead_score").GetInt32();

    private static string? Tier(JsonElement judgment) => Text(judgment.GetProperty("routing"), "routing_tier");

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
