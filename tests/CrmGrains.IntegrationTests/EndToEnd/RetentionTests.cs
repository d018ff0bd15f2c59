using System.Diagnostics.Metrics;
using CrmGrains.Core.Configuration;
using CrmGrains.IntegrationTests.Engine;
using CrmGrains.Intake.Retention;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>What a source's rules keep, and how long.</summary>
public sealed class RetentionTests(ITestOutputHelper output)
{
    private const string Key = "    idempotency_key: \"lead:diagnostics:{source_record_id}:{email}\"";

    private static readonly TimeSpan NoTime = TimeSpan.FromHours(-2);

    [Fact]
    public async Task A_source_is_acted_on_known_of_only_kept_raw_or_dropped_as_its_rules_say()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        installation.Workspaces.Change(Key, Key + """

                keep:
                  - when: {field: lead.pain_summary, op: contains, value: spam}
                    as: drop
                    reason: spam
                  - when: {field: lead.urgency, op: eq, value: low}
                    as: raw
                    reason: not_urgent
                  - when: {field: lead.urgency, op: eq, value: medium}
                    as: context
                    reason: can_wait
            """);
        await installation.StartAsync();
        var dropped = await installation.Sender.SendAsync(Lead("drop", ("fields.pain", "spam, spam")));
        var raw = await installation.Sender.SendAsync(Lead("raw", ("fields.urgency", "low")));
        var context = await installation.Sender.SendAsync(Lead("context", ("fields.urgency", "medium"), ("fields.email", "context@example.net")));
        await installation.QuietAsync();

        Assert.Empty((await installation.Crm.ReadAsync()).Contacts);
        Assert.Equal(("dropped", "spam"), await DecidedAsync(installation, dropped));
        Assert.Equal(("kept_raw", "not_urgent"), await DecidedAsync(installation, raw));
        Assert.Equal("context", await installation.Database.ValueAsync<string>("SELECT outcome FROM ledger WHERE event_id = $1 AND kind = 'event_received'", context.EventId));
        var customer = (await installation.Api.GetAsync("/v1/customers?email=context@example.net")).Json;
        Assert.Equal("medium", customer.GetProperty("state").GetProperty("fields").GetProperty("urgency")[0].GetString());
        Assert.Equal(1, await installation.Database.ValueAsync<long>("SELECT count(*) FROM event"));
        Assert.Equal(0, await installation.Database.ValueAsync<long>("SELECT count(*) FROM command"));
        var metrics = (await installation.Api.GetAsync("/metrics")).Text;
        Assert.All(
            [("drop", "spam"), ("raw", "not_urgent"), ("context", "can_wait")],
            rule => Assert.Contains($"class=\"{rule.Item1}\",reason=\"{rule.Item2}\"", metrics, StringComparison.Ordinal));

        await PurgeAsync(installation, new RetentionConfiguration { Dropped = NoTime });
        Assert.Equal([dropped.EventId], await installation.Database.ListAsync<Guid>("SELECT event_id FROM raw_event WHERE purged_at IS NOT NULL AND body = ''"));
        Assert.True((await installation.Sender.SendAsync(dropped.Post)).IsDuplicate);
    }

    [Fact]
    public async Task What_is_old_is_purged_but_what_is_still_needed_and_what_tells_repeats_stays()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.StartAsync();
        var done = await installation.Sender.SendAsync(A.Lead);
        var open = await installation.Sender.SendAsync(Lead("open", ("fields.consent", false)));
        await installation.QuietAsync();
        var keys = await KeysAsync(installation);

        await PurgeAsync(installation, new RetentionConfiguration
        {
            Raw = NoTime, Dropped = NoTime, Event = NoTime, Details = NoTime, Calls = NoTime, Commands = NoTime,
        });

        Assert.Equal([done.EventId], await installation.Database.ListAsync<Guid>("SELECT event_id FROM raw_event WHERE body = '' AND length(body_hash) = 32"));
        Assert.Equal([done.EventId], await installation.Database.ListAsync<Guid>("SELECT event_id FROM event WHERE purged_at IS NOT NULL AND body = '{}'"));
        Assert.Equal([open.EventId], await installation.Database.ListAsync<Guid>("SELECT DISTINCT event_id FROM ledger WHERE detail IS NOT NULL AND event_id IS NOT NULL"));
        Assert.Equal(0, await installation.Database.ValueAsync<long>("SELECT count(*) FROM crm_call"));
        Assert.Equal(0, await installation.Database.ValueAsync<long>("SELECT count(*) FROM command WHERE body <> '{}'"));
        Assert.Equal(keys, await KeysAsync(installation));
        await Flood.VerifiesAsync(installation.Database);
        Assert.Equal("completed", (await installation.Api.TraceAsync(done.EventId)).GetProperty("status").GetString());

        // The same delivery, and the same lead in another one, are still known for what they are; and nothing old is waited for for ever.
        Assert.True((await installation.Sender.SendAsync(A.Lead)).IsDuplicate);
        var again = await installation.Sender.SendAsync(A.Lead with { DeliveryId = "msg_again" });
        await installation.QuietAsync();
        Assert.Equal("duplicate", (await installation.Api.TraceAsync(again.EventId)).GetProperty("status").GetString());
        Assert.Single((await installation.Crm.ReadAsync()).Notes);

        await installation.Database.ExecuteAsync("UPDATE review SET closed_at = now(), resolution = 'done' WHERE closed_at IS NULL");
        await installation.Database.ExecuteAsync("UPDATE retention_deferred SET due_at = now() - interval '1 second'");
        await PurgeAsync(installation, new RetentionConfiguration { Raw = NoTime, Details = NoTime });
        Assert.Equal(0, await installation.Database.ValueAsync<long>("SELECT count(*) FROM raw_event WHERE purged_at IS NULL"));
        Assert.Equal(0, await installation.Database.ValueAsync<long>("SELECT count(*) FROM retention_deferred"));
        await Flood.VerifiesAsync(installation.Database);
    }

    private static Post Lead(string id, params (string Path, object? Value)[] changes) => A.Lead.With($"msg_{id}", [("submission_id", $"diag_{id}"), .. changes]);

    private static async Task<(string Outcome, string? Reason)> DecidedAsync(Installation installation, Receipt receipt)
    {
        var entry = Assert.Single((await installation.Api.TraceAsync(receipt.EventId)).GetProperty("ledger").EnumerateArray());
        return (entry.GetProperty("outcome").GetString() ?? "", entry.GetProperty("detail").GetProperty("reason").GetString());
    }

    private static Task<List<string>> KeysAsync(Installation installation) => installation.Database.ListAsync<string>("""
        SELECT effect_key || state || coalesce(crm_id, '') FROM command
        UNION ALL SELECT idempotency_key FROM event
        UNION ALL SELECT encode(hash, 'hex') FROM ledger ORDER BY 1
        """);

    // One round of the lane, as if all that there is were that old.
    private static async Task PurgeAsync(Installation installation, RetentionConfiguration retention)
    {
        using var meters = new Meters();
        using var lane = new RetentionLane(
            installation.ConnectionString, new OneWorkspace(retention), Options.Create(new RetentionOptions { BatchSize = 2, Rest = TimeSpan.Zero }),
            new RetentionMetrics(meters, TimeProvider.System), TimeProvider.System, NullLogger<RetentionLane>.Instance);
        await using var connection = new NpgsqlConnection(installation.ConnectionString);
        await connection.OpenAsync();
        await lane.RunAsync(connection, CancellationToken.None);
    }

    private sealed class OneWorkspace(RetentionConfiguration retention) : IWorkspaces
    {
        public WorkspaceConfiguration? Find(string name) => new() { Name = name, Hash = "0", Retention = retention };
    }

    private sealed class Meters : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }

        public void Dispose() => _meters.ForEach(meter => meter.Dispose());
    }
}
