using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CrmGrains.Connectors;
using CrmGrains.Connectors.Outbox;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Fields;
using static CrmGrains.IntegrationTests.Outbox.OutboxBench;

namespace CrmGrains.IntegrationTests.Outbox;

public sealed class OutboxTests : IAsyncLifetime
{
    private readonly ScriptedCrm _crm = new();
    private readonly OutboxBench _bench = new();

    public Task InitializeAsync() => _bench.InitializeAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task A_command_is_carried_out_and_leaves_a_receipt_a_link_its_call_and_a_message_to_its_grain()
    {
        await _bench.StartAsync(_crm);

        var id = (await _bench.InsertAsync(UpsertContact("ada")))[0];
        await _bench.AllEndedAsync();

        var row = Assert.Single(await _bench.RowsAsync());
        Assert.Equal(
            ("succeeded", "crm-1001", "created", 1, true, 1L), (row.State, row.CrmId, row.Action, row.Attempts, row.HasHash, row.Calls));
        var told = Assert.Single(await _bench.ToldAsync());
        Assert.Equal(
            ("event-1", "contact", "succeeded", "created", "crm-1001", 1),
            (told.EffectKey, told.Object, told.Outcome, told.Action, told.CrmId, told.Attempts));
        Assert.Equal("crm-1001", await _bench.ScalarAsync<string>("SELECT crm_id FROM crm_link WHERE command_id = @id", new { id }));
        Assert.Equal(77, await _bench.ScalarAsync<int>("SELECT quota_left FROM crm_call"));
        await EventuallyAsync("the mailbox to be announced", () => Task.FromResult(_bench.Filled.Count), count => count == 1);
    }

    [Fact]
    public async Task Commands_of_one_record_that_wait_together_become_one_write_and_complete_together()
    {
        await _bench.InsertAsync(
            UpsertContact("ada", "Bern"), UpsertContact("bob"), UpsertContact("ada", "Rome"), UpsertContact("ada", "Oslo"));

        await _bench.StartAsync(_crm);
        await _bench.AllEndedAsync();

        Assert.Equal(["event-1", "event-2"], _crm.Writes.Select(write => write.EffectKey));
        var ada = Assert.IsType<CrmCommand.UpsertContact>(_crm.Writes.First().Command);
        Assert.Equal(new FieldValue.Text("Oslo"), ada.Fields["city"]);
        var rows = await _bench.RowsAsync();
        Assert.Equal(rows[0].CrmId, rows[3].CrmId);
        Assert.All(rows, row => Assert.Equal((1, 1L), (row.Attempts, row.Calls)));
        Assert.Equal(["event-1", "event-2", "event-3", "event-4"], (await _bench.ToldAsync()).Select(told => told.EffectKey));
    }

    [Fact]
    public async Task Commands_of_one_record_run_in_order_and_one_at_a_time_and_the_later_know_the_id()
    {
        var cities = new[] { "Bern", "Rome", "Oslo", "Riga", "Cork" };
        var running = 0;
        _crm.Meanwhile = async (_, cancellationToken) =>
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
        };
        var outbox = await _bench.StartAsync(_crm);

        foreach (var city in cities)
        {
            await _bench.InsertAsync(UpsertContact("ada", city));
            outbox.Wake();
            await _bench.AllEndedAsync();
        }

        Assert.Equal(cities, _crm.Writes.Select(write => ((CrmCommand.UpsertContact)write.Command).Fields["city"].ToString()));
        Assert.Equal([null, "crm-1001", "crm-1001", "crm-1001", "crm-1001"], _crm.Writes.Select(write => write.CrmId));
    }

    [Fact]
    public async Task A_command_waits_for_the_record_that_it_needs_and_gets_its_id()
    {
        await _bench.StartAsync(_crm);
        await _bench.InsertAsync(Note(Contact("ada")));
        await _bench.EventuallyAsync(
            "the note to be blocked", rows => rows is [{ State: "blocked", BlockedOn: "contact:acme/customer/ada" }]);
        Assert.Empty(_crm.Writes);

        await _bench.InsertAsync(UpsertContact("ada"));
        await _bench.AllEndedAsync();

        var note = _crm.Writes.Single(write => write.Command is CrmCommand.WriteNote);
        Assert.Equal("crm-1001", note.Links[Contact("ada")]);
    }

    [Fact]
    public async Task A_record_that_is_not_required_is_left_out_once_writing_it_was_given_up_and_a_required_one_is_waited_for()
    {
        _crm.Answer = write => write.Command is CrmCommand.UpsertCompany ? ScriptedCrm.Refused(write) : _crm.Succeeded(write);
        await _bench.StartAsync(_crm);
        await _bench.InsertAsync(
            UpsertContact("ada"), Note(Contact("ada"), Company("evil.example", isRequired: false)),
            new CrmCommand.Associate(Contact("ada"), Company("evil.example")));
        await _bench.EventuallyAsync(
            "note and association to wait for the company",
            rows => rows.Count(row => row.BlockedOn == "company:acme/company/evil.example") == 2);

        await _bench.InsertAsync(UpsertCompany("evil.example"));
        await _bench.EventuallyAsync("the note to be written", rows => rows[1].State == "succeeded");
        await _bench.EventuallyAsync("the association to wait again", rows => rows[2].State == "blocked");
        var note = _crm.Writes.Single(write => write.Command is CrmCommand.WriteNote);
        Assert.Equal([Contact("ada")], note.Links.Keys);

        _crm.Answer = null;
        await _bench.InsertAsync(UpsertCompany("evil.example"));
        await _bench.EventuallyAsync("the association to be made", rows => rows[2].State == "succeeded");
        Assert.Equal(
            ["succeeded", "succeeded", "succeeded", "manual_review", "succeeded"], (await _bench.RowsAsync()).Select(row => row.State));
    }

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

    [Fact]
    public async Task An_account_whose_configuration_changes_is_served_by_the_new_connector_and_no_longer_by_the_old_one()
    {
        IConnector current = _crm;
        var next = new ScriptedCrm();
        await _bench.StartAsync(() => Volatile.Read(ref current));
        await _bench.InsertAsync(UpsertContact("ada"));
        await _bench.AllEndedAsync();

        Volatile.Write(ref current, next);
        await EventuallyAsync("the new one to be served", async () =>
        {
            await _bench.InsertAsync(UpsertContact("bob"));
            await _bench.AllEndedAsync();
            return next.Writes.Count();
        }, count => count > 0);
        var writes = _crm.Writes.Count();
        await _bench.InsertAsync(UpsertContact("eve"));
        await _bench.AllEndedAsync();

        Assert.Equal(writes, _crm.Writes.Count());
    }

    [Fact]
    public async Task What_it_does_is_measured()
    {
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, it) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, _bench))
                it.EnableMeasurementEvents(instrument);
        };
        var seen = new ConcurrentDictionary<string, double>(StringComparer.Ordinal);
        void See(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            seen[$"{instrument.Name}{{{string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}}}"] = value;
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => See(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => See(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => See(instrument, value, tags));
        listener.Start();
        _crm.Answer = write => write.Command is CrmCommand.UpsertContact ? _crm.Succeeded(write) : ScriptedCrm.Expired(write);
        _crm.ProbeFinds = _ => "expired_token";
        _crm.Quotas = [new("general", 20), new("search", 5)];

        await _bench.StartAsync(_crm);
        await _bench.InsertAsync(UpsertContact("ada"), UpsertContact("bob"), Note(Contact("eve")));
        await _bench.EventuallyAsync("the note to be blocked", rows => rows[2].State == "blocked" && rows[0].State == "succeeded");
        await _bench.InsertAsync(UpsertCompany("acme.example"));
        await EventuallyAsync("all measurements", () =>
        {
            listener.RecordObservableInstruments();
            return Task.FromResult(seen.ToDictionary());
        }, it =>
            it.ContainsKey("crm_attempt_seconds{crm=hubspot,object=contact,outcome=succeeded}")
            && it.ContainsKey("crm_calls_total{crm=hubspot,outcome=succeeded}")
            && it.GetValueOrDefault("crm_batch_commands{crm=hubspot,object=contact}") == 2
            && it.GetValueOrDefault("crm_commands{state=blocked}") == 1
            && it.GetValueOrDefault("crm_commands{state=waiting}") == 1
            && it.GetValueOrDefault("crm_account_paused{account=acme/hubspot}") == 1
            && it.GetValueOrDefault("crm_quota_left{account=acme/hubspot,limit=search}") == 5
            && it.GetValueOrDefault("crm_oldest_command_seconds{}") > 0,
            it => string.Join("; ", it.Select(pair => $"{pair.Key} {pair.Value}")));
    }

    [Fact]
    public async Task A_thousand_leads_end_in_few_calls_with_everything_linked()
    {
        var commands = Enumerable.Range(0, 1000).SelectMany(i => new[] { UpsertContact($"c{i}"), Note(Contact($"c{i}")) }).ToArray();
        await _bench.InsertAsync(commands);

        await _bench.StartAsync(_crm);
        await _bench.AllEndedAsync();

        Assert.All(await _bench.RowsAsync(), row => Assert.Equal(("succeeded", 1), (row.State, row.Attempts)));
        Assert.Equal(2000, (await _bench.ToldAsync()).Select(told => told.EffectKey).Distinct().Count());
        Assert.InRange(_crm.Batches.Count, 20, 60);
    }
}
