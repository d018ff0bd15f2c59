using System.Net;
using System.Text.Json;
using CrmGrains.IntegrationTests.EndToEnd;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Autonomy;

/// <summary>How a kind of action comes to go without a person, and how it loses that.</summary>
public sealed class AutonomyTests(ITestOutputHelper output)
{
    private const string Answered = """
        INSERT INTO review (workspace, key, reason, summary, grain, action, tier, closed_at, resolution, answer)
        SELECT 'demo', gen_random_uuid()::text, 'approval', 's', 'demo/customer/c', $1, 'medium', now() - $2::interval, $3, $3 FROM generate_series(1, $4)
        """;

    [Fact]
    public async Task What_people_accept_again_and_again_is_proposed_signed_and_ended_by_a_spike_of_overrides()
    {
        await using var installation = await CreateAsync();
        await AnswerAsync(installation, "refund", "20 days", "approved", 100);
        await AnswerAsync(installation, "move_stage", "20 days", "approved", 40);
        await AnswerAsync(installation, "set_owner", "20 days", "approved", 80);
        Assert.Equal(HttpStatusCode.Conflict, (await installation.Api.PostAsync("/v1/autonomy/move_stage/grant")).Status);

        await installation.UntilAsync("a proposal", async () => (await ReviewsAsync(installation, "autonomy")).Count > 0);
        Assert.Contains("set_owner may go without a person: 80 of 80", Text(Assert.Single(await ReviewsAsync(installation, "autonomy")), "summary"), StringComparison.Ordinal);
        await GrantAsync(installation);
        Assert.Equal(HttpStatusCode.Conflict, (await installation.Api.PostAsync("/v1/autonomy/set_owner/grant")).Status);

        var listed = await installation.RunAsync("autonomy", "--url", installation.Host.Url);
        Assert.Equal((0, ""), (listed.ExitCode, listed.Error));
        Assert.Matches("set_owner +medium +80 of 80 accepted, at least 95.4 ?%; goes without a person, signed by CRMGRAINS_API_KEY", listed.Output);
        Assert.DoesNotContain("refund", listed.Output, StringComparison.Ordinal);

        await AnswerAsync(installation, "set_owner", "0 days", "rejected", 5);

        await EndedAsync(installation, "People changed or rejected 5 of the last 5.");
        Assert.Equal(
            ["autonomy_granted", "autonomy_revoked"],
            await installation.Database.ListAsync<string>("SELECT kind FROM ledger WHERE grain = 'demo/workspace/policy' ORDER BY position"));
        await installation.UntilAsync("a counted demotion", async () =>
            (await installation.Api.GetAsync("/metrics")).Text.Contains("autonomy_demotions_total{", StringComparison.Ordinal));
        await Flood.VerifiesAsync(installation.Database);
    }

    [Fact]
    public async Task One_action_that_nobody_was_asked_about_and_that_is_undone_ends_it()
    {
        await using var installation = await CreateAsync();
        await AnswerAsync(installation, "set_owner", "20 days", "approved", 80);
        await installation.UntilAsync("a proposal", async () => (await ReviewsAsync(installation, "autonomy")).Count > 0);
        await GrantAsync(installation);

        // As a turn leaves it that was told so, and somebody who took it back.
        await installation.Database.ExecuteAsync("""
            WITH command AS (
                INSERT INTO command (workspace, account, effect_key, event_id, grain, partition, object, operation, lane, body, state, ended_at, reverted_at)
                VALUES ('demo', 'demo/none', 'k', gen_random_uuid(), 'demo/customer/c', 1, 'deal', 'o', 'l', '{}', 'succeeded', now(), now())
                RETURNING event_id)
            INSERT INTO ledger (partition, position, workspace, grain, version, message_id, kind, outcome, event_id, configuration, silo, began_at,
                                detail, salt, detail_hash, hash)
            SELECT 999, 1, 'demo', 'demo/customer/c', 1, 1, 'event_received', 'update', event_id, '', gen_random_uuid(), now(),
                   '{"decision":{"actions":[{"type":"set_owner","verdict":"execute"}]}}', '', '', '' FROM command
            """);

        await EndedAsync(installation, "1 that nobody was asked about were undone.");
    }

    [Fact]
    public async Task A_proposal_that_somebody_declined_and_a_grant_that_somebody_ended_stay_so()
    {
        await using var installation = await CreateAsync();
        await AnswerAsync(installation, "set_owner", "20 days", "approved", 80);
        await AnswerAsync(installation, "move_stage", "20 days", "approved", 80);
        await installation.UntilAsync("two proposals", async () => (await ReviewsAsync(installation, "autonomy")).Count == 2);

        Assert.Equal(HttpStatusCode.NoContent, (await installation.Api.PostAsync("/v1/autonomy/move_stage/decline")).Status);
        await GrantAsync(installation);
        Assert.Equal(HttpStatusCode.NoContent, (await installation.Api.PostAsync("/v1/autonomy/set_owner/revoke")).Status);
        await installation.UntilAsync("an end", async () => !(await ItemAsync(installation, "set_owner")).GetProperty("is_granted").GetBoolean());

        // Who said no isn't asked for a month: the next round proposes another one and neither of these.
        await AnswerAsync(installation, "update_contact", "20 days", "approved", 80);
        await installation.UntilAsync("a new proposal", async () => (await ItemAsync(installation, "update_contact")).GetProperty("is_proposed").GetBoolean());
        Assert.Single(await ReviewsAsync(installation, "autonomy"));
        Assert.Empty(await ReviewsAsync(installation, "autonomy_demoted"));
        Assert.Equal(HttpStatusCode.NotFound, (await installation.Api.PostAsync("/v1/autonomy/nothing/revoke")).Status);
    }

    private async Task<Installation> CreateAsync()
    {
        var installation = await Installation.CreateQuickAsync(output);
        installation.Environment["CRMGRAINS__Autonomy__Interval"] = "00:00:00.200";
        installation.Environment["CRMGRAINS__Autonomy__ProposalInterval"] = "00:00:00.200";
        await installation.StartAsync();
        return installation;
    }

    private static Task AnswerAsync(Installation installation, string action, string ago, string answer, int count) =>
        installation.Database.ExecuteAsync(Answered.Replace("$2::interval", $"interval '{ago}'", StringComparison.Ordinal).Replace("$3", "$2", StringComparison.Ordinal).Replace("$4", "$3", StringComparison.Ordinal), action, answer, count);

    private static async Task GrantAsync(Installation installation)
    {
        Assert.Equal(HttpStatusCode.NoContent, (await installation.Api.PostAsync("/v1/autonomy/set_owner/grant")).Status);
        await installation.UntilAsync("a grant", async () => (await ItemAsync(installation, "set_owner")).GetProperty("is_granted").GetBoolean());
    }

    private static async Task EndedAsync(Installation installation, string why)
    {
        await installation.UntilAsync("a demotion", async () => (await ReviewsAsync(installation, "autonomy_demoted")).Count > 0);
        Assert.Contains(why, Text(Assert.Single(await ReviewsAsync(installation, "autonomy_demoted")), "summary"), StringComparison.Ordinal);
        Assert.False((await ItemAsync(installation, "set_owner")).GetProperty("is_granted").GetBoolean());
    }

    private static async Task<IReadOnlyList<JsonElement>> ReviewsAsync(Installation installation, string reason) =>
        [.. (await installation.Api.GetAsync($"/v1/reviews?reason={reason}")).Json.GetProperty("items").EnumerateArray()];

    private static async Task<JsonElement> ItemAsync(Installation installation, string action) =>
        (await installation.Api.GetAsync("/v1/autonomy")).Json.GetProperty("items").EnumerateArray().Single(item => Text(item, "action") == action);

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? "";
}
