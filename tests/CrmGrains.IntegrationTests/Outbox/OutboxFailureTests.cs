using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CrmGrains.Connectors;
using CrmGrains.Connectors.Outbox;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Fields;
using static CrmGrains.IntegrationTests.Outbox.OutboxBench;

namespace CrmGrains.IntegrationTests.Outbox;

public sealed class OutboxFailureTests : IAsyncLifetime
{
    private readonly ScriptedCrm _crm = new();
    private readonly OutboxBench _bench = new();

    public Task InitializeAsync() => _bench.InitializeAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task What_fails_for_a_while_is_tried_again_until_it_works()
    {
        _crm.Answer = write => write.Attempt < 3 ? ScriptedCrm.Retryable(write, isUncertain: write.Attempt == 1) : _crm.Succeeded(write);
        await _bench.StartAsync(_crm);

        await _bench.InsertAsync(UpsertContact("ada"));
        await _bench.AllEndedAsync();

        Assert.Equal([(1, false), (2, true), (3, true)], _crm.Writes.Select(write => (write.Attempt, write.IsUncertain)));
        var row = Assert.Single(await _bench.RowsAsync());
        Assert.Equal(("succeeded", 3, 3L), (row.State, row.Attempts, row.Calls));
    }

    [Fact]
    public async Task What_fails_five_times_is_a_dead_letter_and_a_person_can_retry_or_discard_it()
    {
        _crm.Answer = write => write.Command is CrmCommand.UpsertContact ? ScriptedCrm.Retryable(write) : _crm.Succeeded(write);
        var outbox = await _bench.StartAsync(_crm);
        await _bench.InsertAsync(UpsertContact("ada"), UpsertContact("bob"), UpsertCompany("acme.example"));
        await _bench.AllEndedAsync();

        Assert.Equal(
            [("dead_lettered", 5), ("dead_lettered", 5), ("succeeded", 1)],
            (await _bench.RowsAsync()).Select(row => (row.State, row.Attempts)));
        var told = (await _bench.ToldAsync()).Where(result => result.Object == "contact").ToList();
        Assert.All(
            told,
            result => Assert.Equal((CommandOutcome.DeadLettered, "server_error", 5), (result.Outcome, result.Error, result.Attempts)));
        Assert.Equal(2, await _bench.ScalarAsync<int>(
            "SELECT count(*) FROM dead_letter WHERE queue = 'crm_api_failed_jobs' AND ended_at IS NULL AND grain <> ''"));

        _crm.Answer = null;
        var letters = new OutboxDeadLetters(_bench.Database.DataSource, outbox.Sweep);
        Assert.True(await letters.RetryAsync(1, CancellationToken.None));
        Assert.False(await letters.RetryAsync(1, CancellationToken.None));
        Assert.True(await letters.DiscardAsync(2, CancellationToken.None));
        await _bench.EventuallyAsync("the retried command to work", rows => rows[0].State == "succeeded");

        Assert.Equal("discarded", (await _bench.RowsAsync())[1].State);
        Assert.Equal((1, true), _crm.Writes.Select(write => (write.Attempt, write.IsUncertain)).Last());
    }

    [Fact]
    public async Task A_retried_dead_letter_does_not_overwrite_what_a_newer_command_wrote()
    {
        _crm.Answer = write => ((CrmCommand.UpsertContact)write.Command).Fields["city"].ToString() == "Bern"
            ? ScriptedCrm.Retryable(write)
            : _crm.Succeeded(write);
        var outbox = await _bench.StartAsync(_crm);
        await _bench.InsertAsync(UpsertContact("ada", "Bern"));
        await _bench.AllEndedAsync();
        await _bench.InsertAsync(UpsertContact("ada", "Rome"));
        await _bench.AllEndedAsync();
        var writes = _crm.Writes.Count();

        await new OutboxDeadLetters(_bench.Database.DataSource, outbox.Sweep).RetryAsync(1, CancellationToken.None);
        var rows = await _bench.EventuallyAsync("the retried command to end", rows => rows[0].State == "succeeded");

        Assert.Equal(("found", rows[1].CrmId), (rows[0].Action, rows[0].CrmId));
        Assert.Equal(writes, _crm.Writes.Count());
    }

    [Fact]
    public async Task What_the_CRM_refuses_goes_to_a_person_at_once_and_can_be_retried()
    {
        _crm.Answer = ScriptedCrm.Refused;
        var outbox = await _bench.StartAsync(_crm);
        await _bench.InsertAsync(UpsertContact("ada"));
        await _bench.AllEndedAsync();
        Assert.Equal(
            (CommandOutcome.ManualReview, "invalid_enum", 1),
            (await _bench.ToldAsync()).Select(told => (told.Outcome, told.Error, told.Attempts)).Single());

        _crm.Answer = null;
        var letters = new OutboxDeadLetters(_bench.Database.DataSource, outbox.Sweep);
        Assert.True(await letters.RetryRefusedAsync("acme", "event-1", CancellationToken.None));
        await _bench.EventuallyAsync("the command to work", rows => rows[0].State == "succeeded");
    }

    [Fact]
    public async Task A_record_found_under_another_id_is_called_by_it_from_then_on_also_by_what_was_refused_for_the_old_one()
    {
        await _bench.StartAsync(_crm);
        await _bench.InsertAsync(UpsertContact("ada"));
        await _bench.AllEndedAsync();
        _crm.Answer = write => write switch
        {
            { Command: CrmCommand.WriteNote } when write.Links[Contact("ada")] != "crm-new" => ScriptedCrm.Gone(write),
            { CrmId: "crm-1001" } => new WriteOutcome.Succeeded("crm-new", "created", null, null) { EffectKey = write.EffectKey },
            _ => _crm.Succeeded(write),
        };

        await _bench.InsertAsync(Note(Contact("ada")));
        await _bench.EventuallyAsync("the note to be refused", rows => rows[1].Error == "object_not_found");
        await _bench.InsertAsync(UpsertContact("ada"));
        await _bench.AllEndedAsync();
        await _bench.InsertAsync(Note(Contact("ada")), UpsertContact("ada"));
        await _bench.AllEndedAsync();

        Assert.All(await _bench.RowsAsync(), row => Assert.Equal("succeeded", row.State));
        Assert.Equal("crm-new", await _bench.ScalarAsync<string>("SELECT crm_id FROM crm_link"));
        Assert.Equal(
            [null, "crm-1001", "crm-new"],
            _crm.Writes.Where(write => write.Command is CrmCommand.UpsertContact).Select(write => write.CrmId));
    }

    [Fact]
    public async Task What_needs_a_record_that_stays_gone_is_for_a_person_after_the_last_attempt()
    {
        _crm.Answer = write => write.Command is CrmCommand.WriteNote ? ScriptedCrm.Gone(write) : _crm.Succeeded(write);
        await _bench.StartAsync(_crm);

        await _bench.InsertAsync(UpsertContact("ada"), Note(Contact("ada")));
        await _bench.AllEndedAsync();

        Assert.Equal(("manual_review", 5), (await _bench.RowsAsync()).Select(row => (row.State, row.Attempts)).Last());
    }

    [Fact]
    public async Task An_account_that_must_not_be_used_pauses_without_costing_an_attempt_and_resumes_once_a_probe_succeeds()
    {
        _crm.Answer = ScriptedCrm.Expired;
        _crm.ProbeFinds = number => number < 3 ? "expired_token\0" : null;
        await _bench.StartAsync(_crm);
        await _bench.InsertAsync(UpsertContact("ada"));
        await EventuallyAsync(
            "the pause", () => _bench.ScalarAsync<string>("SELECT state || ' ' || reason FROM crm_account"),
            state => state == "paused expired_token");
        await _bench.InsertAsync(UpsertCompany("acme.example"));
        _crm.Answer = null;

        await _bench.AllEndedAsync();

        Assert.True(_crm.Probes >= 3);
        Assert.All(_crm.Writes, write => Assert.Equal(1, write.Attempt));
        Assert.All(await _bench.RowsAsync(), row => Assert.Equal(1, row.Attempts));
        Assert.Equal("running", await _bench.ScalarAsync<string>("SELECT state FROM crm_account WHERE reason IS NULL"));
    }

    [Fact]
    public async Task A_write_that_nothing_is_said_about_is_uncertain_and_rests_while_the_others_of_its_batch_complete()
    {
        var isFirst = true;
        _crm.Answer = write =>
        {
            if (write.EffectKey != "event-1" || !isFirst)
                return _crm.Succeeded(write);
            isFirst = false;
            return null;
        };
        await _bench.InsertAsync(UpsertContact("ada"), UpsertContact("bob"));

        await _bench.StartAsync(_crm);
        await _bench.AllEndedAsync();

        Assert.Equal(
            [("event-1", false), ("event-2", false), ("event-1", true)], _crm.Writes.Select(write => (write.EffectKey, write.IsUncertain)));
    }

    [Fact]
    public async Task A_connector_that_throws_leaves_its_batch_uncertain_and_the_loop_running()
    {
        var calls = 0;
        _crm.Meanwhile = (_, _) => Interlocked.Increment(ref calls) == 1
            ? throw new InvalidOperationException("A bug.")
            : Task.CompletedTask;
        await _bench.StartAsync(_crm);

        await _bench.InsertAsync(UpsertContact("ada"));
        await _bench.AllEndedAsync();

        Assert.Equal([false, true], _crm.Writes.Select(write => write.IsUncertain));
    }

    [Fact]
    public async Task A_command_that_can_not_be_read_goes_to_a_person_and_holds_nothing_up()
    {
        await _bench.InsertAsync(UpsertContact("ada"), UpsertContact("bob"));
        await _bench.ScalarAsync<int>("UPDATE command SET body = '{\"command\":\"teleport\"}' WHERE id = 1");

        await _bench.StartAsync(_crm);
        await _bench.AllEndedAsync();

        Assert.Equal(
            [("manual_review", "unreadable_command"), ("succeeded", null)],
            (await _bench.RowsAsync()).Select(row => (row.State, row.Error)));
    }

    [Fact]
    public async Task A_backlog_does_not_waste_its_attempts_while_the_CRM_is_away()
    {
        var isAway = true;
        _crm.Answer = write => Volatile.Read(ref isAway) ? ScriptedCrm.Retryable(write) : _crm.Succeeded(write);
        await _bench.InsertAsync([.. Enumerable.Range(0, 1500).Select(i => UpsertContact($"c{i}"))]);
        await _bench.StartAsync(_crm);
        await _bench.EventuallyAsync("the first dead letter", rows => rows.Any(row => row.State == "dead_lettered"));

        Volatile.Write(ref isAway, false);
        await _bench.AllEndedAsync();

        Assert.InRange((await _bench.RowsAsync()).Count(row => row.State == "dead_lettered"), 1, 500);
    }
}
