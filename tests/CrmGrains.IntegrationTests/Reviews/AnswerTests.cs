using System.Text.Json;
using CrmGrains.Host.Reviews;
using CrmGrains.IntegrationTests.Engine;

namespace CrmGrains.IntegrationTests.Reviews;

public sealed class AnswerTests
{
    private static readonly ReviewAnswer First = new() { Version = 1 };

    [Fact]
    public async Task An_approved_proposal_is_done_once_and_the_ledger_says_who_approved_it()
    {
        await using var cluster = await ReviewCluster.CreateAsync();
        var asked = await cluster.SayAsync("custom.asked", "ann@example.com");
        var item = await cluster.OpenAsync(asked);
        Assert.Empty(await cluster.CommandsAsync(asked));

        var taken = Assert.IsType<ReviewOutcome.Taken>(await cluster.AnswerAsync(item.Id, Verb.Approve, First, "ann"));
        var again = Assert.IsType<ReviewOutcome.Taken>(await cluster.AnswerAsync(item.Id, Verb.Approve, First, "ann"));
        var late = Assert.IsType<ReviewOutcome.Refused>(await cluster.AnswerAsync(item.Id, Verb.Reject, First with { Reason = "No." }, "bob"));
        await cluster.Silo.RunUntilIdleAsync();

        Assert.Equal(("answered", "approved", 2), (taken.Item.Status, taken.Item.Answer, taken.Item.Version));
        Assert.Equal(2, again.Item.Version);
        Assert.Equal(("answered", 409), (late.Problem.Code, late.Problem.Status));
        Assert.Contains("approved by ann", late.Problem.Detail, StringComparison.Ordinal);
        Assert.Single(await cluster.CommandsAsync(asked));
        var view = await cluster.Views.FindAsync(item.Id, null, CancellationToken.None);
        Assert.Equal(("update", "approved"), (view?.Outcome, Assert.Single(view?.History ?? []).Step));
    }

    [Fact]
    public async Task An_approval_of_what_moved_meanwhile_comes_back_with_was_is_now_and_what_was_approved_and_other_facts_do_not_matter()
    {
        await using var cluster = await ReviewCluster.CreateAsync();
        var asked = await cluster.SayAsync("custom.asked", "ann@example.com", ("phone", "+4930111222"));
        var item = await cluster.OpenAsync(asked);
        await cluster.SayAsync("custom.seen", "ann@example.com", ("phone", "+4930333444"), ("name", "Ann"));
        var seen = await cluster.Views.FindAsync(item.Id, null, CancellationToken.None);
        Assert.Equal(new SeenFact("customer.phone", "+4930111222", "+4930333444", IsMoved: true), Assert.Single(seen?.Proposal?.RestsOn ?? []));

        Assert.IsType<ReviewOutcome.Taken>(await cluster.AnswerAsync(item.Id, Verb.Edit, First with { Edits = Edits("""{"body":"At once."}""") }, "ann"));
        await cluster.Silo.RunUntilIdleAsync();
        Assert.Empty(await cluster.CommandsAsync(asked));

        var back = await cluster.OpenAsync(asked);
        var view = await cluster.Views.FindAsync(back.Id, null, CancellationToken.None);
        Assert.Equal((2, 1), (back.Round, back.Version));
        Assert.Equal(("customer.phone", "+4930111222", "+4930333444"), Assert.Single(view?.Proposal?.Moved ?? []) is var moved ? (moved.Fact, moved.Was, moved.IsNow) : default);
        Assert.Equal("At once.", view?.Proposal?.Values.First(value => value.Path == "body").Proposed);
        Assert.Equal(["edited"], view?.History.Select(step => step.Step));

        await cluster.SayAsync("custom.seen", "ann@example.com", ("name", "Ann Other"));
        Assert.IsType<ReviewOutcome.Taken>(await cluster.AnswerAsync(back.Id, Verb.Approve, First, "ann"));
        await cluster.Silo.RunUntilIdleAsync();
        Assert.Contains("At once.", Assert.Single(await cluster.CommandsAsync(asked)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_people_at_once_one_wins_and_the_other_is_told_who_did_what()
    {
        await using var cluster = await ReviewCluster.CreateAsync();
        var item = await cluster.OpenAsync(await cluster.SayAsync("custom.asked", "ann@example.com"));

        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(person => cluster.AnswerAsync(item.Id, person % 2 == 0 ? Verb.Approve : Verb.Reject, First with { Reason = "Because." }, $"person {person}")));

        var winner = Assert.Single(outcomes.OfType<ReviewOutcome.Taken>()).Item.AnsweredBy ?? "nobody";
        Assert.All(outcomes.OfType<ReviewOutcome.Refused>(), refused =>
        {
            Assert.Equal("answered", refused.Problem.Code);
            Assert.Contains(winner, refused.Problem.Detail, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Whoever_looked_before_a_change_is_told_what_changed_and_answers_the_item_as_it_is()
    {
        await using var cluster = await ReviewCluster.CreateAsync();
        var item = await cluster.OpenAsync(await cluster.SayAsync("custom.asked", "ann@example.com"));
        await cluster.AnswerAsync(item.Id, Verb.Assign, First with { Assignee = "carl" }, "bob");

        var stale = Assert.IsType<ReviewOutcome.Refused>(await cluster.AnswerAsync(item.Id, Verb.Approve, First, "ann"));

        Assert.Equal(("stale_version", 2), (stale.Problem.Code, stale.Problem.Version));
        Assert.Equal(("bob", "assigned"), Assert.Single(stale.Problem.Since ?? []) is var step ? (step.By, step.Step) : default);
        Assert.IsType<ReviewOutcome.Taken>(await cluster.AnswerAsync(item.Id, Verb.Approve, new() { Version = 2 }, "ann"));
    }

    [Fact]
    public async Task What_expires_is_not_done_and_what_was_snoozed_comes_back_by_itself()
    {
        await using var cluster = await ReviewCluster.CreateAsync();
        var (asked, other) = (await cluster.SayAsync("custom.asked", "ann@example.com"), await cluster.SayAsync("custom.asked", "bob@example.com"));
        var (expiring, snoozed) = (await cluster.OpenAsync(asked), await cluster.OpenAsync(other));
        var until = DateTimeOffset.UnixEpoch + (expiring.Now - DateTime.UnixEpoch) + TimeSpan.FromHours(1);
        Assert.IsType<ReviewOutcome.Taken>(await cluster.AnswerAsync(snoozed.Id, Verb.Snooze, First with { Until = until }, "ann"));
        Assert.Equal("snoozed", (await cluster.RowAsync(snoozed.Id)).Status);
        await cluster.Intake.Database.ExecuteAsync("UPDATE review SET expires_at = now() WHERE id = $1", expiring.Id);
        await cluster.Intake.Database.ExecuteAsync("UPDATE review SET snoozed_until = now() WHERE id = $1", snoozed.Id);

        Assert.Equal("expired", Assert.IsType<ReviewOutcome.Refused>(await cluster.AnswerAsync(expiring.Id, Verb.Approve, First, "ann")).Problem.Code);
        await cluster.Clock.RunAsync(CancellationToken.None);
        await cluster.Silo.RunUntilIdleAsync();

        Assert.Equal(("expired", ""), await cluster.RowAsync(expiring.Id) is var row ? (row.Answer, row.AnsweredBy) : default);
        Assert.Empty(await cluster.CommandsAsync(asked));
        Assert.Equal("open", (await cluster.RowAsync(snoozed.Id)).Status);
        Assert.IsType<ReviewOutcome.Taken>(await cluster.AnswerAsync(snoozed.Id, Verb.Approve, new() { Version = 2 }, "ann"));
    }

    [Fact]
    public async Task A_proposal_that_no_version_can_read_stays_open_and_keeps_no_other_from_expiring()
    {
        await using var cluster = await ReviewCluster.CreateAsync();
        var (odd, fine) = (await cluster.SayAsync("custom.asked", "ann@example.com"), await cluster.SayAsync("custom.asked", "bob@example.com"));
        await cluster.Intake.Database.ExecuteAsync("UPDATE review SET expires_at = now()");
        await cluster.Intake.Database.ExecuteAsync("""UPDATE review SET proposal = '{"key":1}' WHERE event_id = $1""", odd);

        await cluster.Clock.RunAsync(CancellationToken.None);

        Assert.Equal(
            ["expired", "open"],
            await cluster.Intake.Database.ListAsync<string>("SELECT coalesce(answer, 'open') FROM review WHERE event_id = ANY ($1) ORDER BY 1", new[] { odd, fine }));
    }

    [Fact]
    public async Task Customers_who_may_be_one_are_merged_by_an_approval_and_the_event_is_replayed()
    {
        await using var cluster = await ReviewCluster.CreateAsync();
        await cluster.Intake.DeliverAsync(0, ("email", "ann@example.com"));
        await cluster.Intake.DeliverAsync(0, ("shop_id", "s1"), ("email", "bob@example.com"));
        await cluster.Silo.RunUntilIdleAsync();
        var unclear = await cluster.SayAsync("custom.seen", "ann@example.com", ("shop_id", "s1"));
        var item = await cluster.OpenAsync(unclear);
        Assert.Equal("ambiguous_duplicate_match", item.Reason);
        Assert.Equal(JsonValueKind.Object, (await cluster.Views.FindAsync(item.Id, null, CancellationToken.None))?.Detail?.ValueKind);

        var outcome = await cluster.AnswerAsync(item.Id, Verb.Approve, First, "ann");
        Assert.IsType<ReviewOutcome.Taken>(outcome);
        await cluster.Silo.RunUntilIdleAsync();

        Assert.Equal(await cluster.Intake.CustomerOfAsync("email", "ann@example.com"), await cluster.Intake.CustomerOfAsync("email", "bob@example.com"));
        Assert.Equal(["running ann"], await cluster.Intake.Database.ListAsync<string>("SELECT state || ' ' || started_by FROM replay"));
        Assert.Equal(1, await cluster.Intake.Database.ValueAsync<long>("SELECT count(*) FROM customer_merge WHERE event_id = $1", unclear));
    }

    [Theory]
    [InlineData(Verb.Approve, "waiting", 1)]
    [InlineData(Verb.Reject, "discarded", 0)]
    [InlineData(Verb.Resolve, "manual_review", 0)]
    public async Task A_refused_command_is_tried_again_given_up_or_left_as_a_person_says(string verb, string state, int reopened)
    {
        await using var cluster = await ReviewCluster.CreateAsync();
        var asked = await cluster.OpenAsync(await cluster.SayAsync("custom.asked", "ann@example.com"));
        await cluster.AnswerAsync(asked.Id, Verb.Approve, First, "ann");
        await cluster.Silo.RunUntilIdleAsync();
        var key = await cluster.Intake.Database.ValueAsync<string>(
            "UPDATE command SET state = 'manual_review', error = 'invalid_enum', ended_at = now() WHERE object = 'task' RETURNING effect_key");
        var id = await cluster.Intake.Database.ValueAsync<Guid>("""
            INSERT INTO review (workspace, key, reason, summary, grain) VALUES ('acme', 'command/' || $1, 'invalid_enum', 'Refused.', 'acme/customer/x') RETURNING id
            """, key);
        var answer = First with { Reason = verb == Verb.Reject ? "Never mind." : null, Text = verb == Verb.Resolve ? "Done by hand." : null };

        Assert.IsType<ReviewOutcome.Taken>(await cluster.AnswerAsync(id, verb, answer, "ann"));

        Assert.Equal(state, await cluster.Intake.Database.ValueAsync<string>("SELECT state FROM command WHERE effect_key = $1", key));
        Assert.Equal(reopened, cluster.Reopened);
        Assert.Equal("answered", (await cluster.RowAsync(id)).Status);
    }

    [Fact]
    public async Task A_command_that_is_refused_no_more_is_not_tried_again_and_its_item_stays()
    {
        await using var cluster = await ReviewCluster.CreateAsync();
        var id = await cluster.Intake.Database.ValueAsync<Guid>("""
            INSERT INTO review (workspace, key, reason, summary, grain) VALUES ('acme', 'command/none', 'invalid_enum', 'Refused.', 'acme/customer/x') RETURNING id
            """);

        Assert.Equal("not_refused", Assert.IsType<ReviewOutcome.Refused>(await cluster.AnswerAsync(id, Verb.Approve, First, "ann")).Problem.Code);
        Assert.Equal("not_possible", Assert.IsType<ReviewOutcome.Refused>(
            await cluster.AnswerAsync(id, Verb.Edit, First with { Edits = Edits("""{"subject":"x"}""") }, "ann")).Problem.Code);
        Assert.Equal((1, "open"), await cluster.RowAsync(id) is var row ? (row.Version, row.Status) : default);
        Assert.Equal(0, await cluster.Intake.Database.ValueAsync<long>("SELECT count(*) FROM review_step"));
    }

    private static Dictionary<string, JsonElement> Edits(string json) =>
        JsonElement.Parse(json).EnumerateObject().ToDictionary(edit => edit.Name, edit => edit.Value);
}
