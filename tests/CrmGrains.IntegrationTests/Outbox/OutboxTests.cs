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
