using System.Net;
using System.Text.Json;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.IntegrationTests.EndToEnd;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Access;

/// <summary>What of a workspace the paths of endpoints name, and all ids by which an answer could give the workspace away.</summary>
internal sealed record Belongings(string Workspace, IReadOnlyDictionary<string, string> InPaths, IReadOnlySet<string> Ids);

/// <summary>One process with two workspaces, <c>demo</c> and <c>elsewhere</c>, which have something of everything.</summary>
internal sealed class TwoWorkspaces : IAsyncDisposable
{
    private static readonly DateTimeOffset At = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public const string Own = "demo";
    public const string Foreign = "elsewhere";

    private const string Uuids = """
        SELECT event_id::text FROM event WHERE workspace = $1
        UNION SELECT event_id::text FROM ledger WHERE workspace = $1 AND event_id IS NOT NULL
        UNION SELECT id::text FROM review WHERE workspace = $1
        UNION SELECT id::text FROM drift_alert WHERE workspace = $1
        UNION SELECT id::text FROM api_key WHERE workspace = $1
        UNION SELECT split_part(grain, '/', 3) FROM ledger WHERE workspace = $1 AND grain LIKE '%/customer/%'
        UNION SELECT hash FROM configuration WHERE workspace = $1
        UNION SELECT id::text FROM undo WHERE workspace = $1
        """;

    private TwoWorkspaces(Installation installation) => Installation = installation;

    public Installation Installation { get; }

    public Api Admin => Installation.Api;

    public static async Task<TwoWorkspaces> CreateAsync(ITestOutputHelper output)
    {
        var two = new TwoWorkspaces(await Installation.CreateQuickAsync(output));
        try
        {
            var files = two.Installation.Workspaces;
            await File.WriteAllTextAsync(
                Path.Combine(files.Folder, $"{Foreign}.yaml"), files.Text.Replace("workspace: demo", $"workspace: {Foreign}", StringComparison.Ordinal).Replace("/demo/", $"/{Foreign}/", StringComparison.Ordinal)
                    .Replace("demo/documents", $"{Foreign}/documents", StringComparison.Ordinal));
            var silo = await two.Installation.StartAsync();
            await two.SendAsync(Own);
            await two.SendAsync(Foreign);
            await two.Installation.QuietAsync();
            await two.Installation.UntilAsync("recorded configurations", async () =>
                await two.Installation.Database.ValueAsync<long>("SELECT count(DISTINCT workspace) FROM configuration") == 2);

            // From here on nothing happens but what is asked for.
            await silo.StopAsync();
            await two.Installation.StartAsync("gateway,console");
            await two.FillAsync(Own);
            await two.FillAsync(Foreign);
            return two;
        }
        catch
        {
            await two.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a key.</summary>
    public async Task<(string Id, string Key)> KeyAsync(string? role, string[]? scopes, string? workspace)
    {
        var reply = await Admin.PostAsync("/v1/keys", JsonSerializer.Serialize(new { name = $"{role ?? "scopes"} of {workspace ?? "all"}", role, scopes, workspace }));
        Assert.True(reply.Status == HttpStatusCode.Created, reply.Text);
        return (reply.Json.GetProperty("id").GetString() ?? "", reply.Json.GetProperty("key").GetString() ?? "");
    }

    /// <summary>What a workspace has now.</summary>
    public async Task<Belongings> OfAsync(string workspace)
    {
        var database = Installation.Database;
        async Task<string> One(string sql) => await database.ValueAsync<string>(sql, workspace);
        var ids = (await database.ListAsync<string>(Uuids, workspace)).ToHashSet();
        return new Belongings(
            workspace,
            new Dictionary<string, string>
            {
                ["/v1/events/{id}"] = await One("SELECT min(event_id::text) FROM ledger WHERE workspace = $1 AND outcome = 'route'"),
                ["/v1/customers/{key}"] = await One("SELECT split_part(grain, '/', 3) FROM ledger WHERE workspace = $1 AND grain LIKE '%/customer/%' LIMIT 1"),
                ["/v1/dead-letters/{id}"] = await One("SELECT min(id)::text FROM dead_letter WHERE workspace = $1 AND ended_at IS NULL"),
                ["/v1/drift/{id}"] = await One("SELECT min(id::text) FROM drift_alert WHERE workspace = $1 AND ended_at IS NULL"),
                ["/v1/replays/{id}"] = await One("SELECT max(id)::text FROM replay WHERE workspace = $1"),
                ["/v1/reviews/{id}/resolve"] = await One("SELECT min(id::text) FROM review WHERE workspace = $1 AND reason = 'spare' AND closed_at IS NULL"),
                ["/v1/reviews/{id}"] = await One("SELECT min(id::text) FROM review WHERE workspace = $1 AND reason = 'approval' AND version = 1"),
                ["/v1/actions/{id}"] = await One("SELECT min(id)::text FROM command WHERE workspace = $1"),
                ["/v1/undo/{id}"] = await One("SELECT min(id::text) FROM undo WHERE workspace = $1 AND state = 'planned'"),
                ["/v1/autonomy/{action}/grant"] = "set_owner",
                ["/v1/autonomy/{action}/decline"] = "move_stage",
                ["/v1/autonomy/{action}"] = "update_contact",
                ["/v1/keys/{id}"] = await One("SELECT max(id::text) FROM api_key WHERE workspace = $1 AND revoked_at IS NULL AND name = 'spare'"),
                ["/v1/configurations/{hash}"] = await One("SELECT hash FROM configuration WHERE workspace = $1 LIMIT 1"),
            },
            ids);
    }

    /// <summary>A digest of every row that a caller could change, so that it shows whether one did.</summary>
    public Task<string> DigestAsync(string workspace) => Installation.Database.ValueAsync<string>("""
        SELECT concat_ws('|',
            (SELECT md5(string_agg(d::text, ',' ORDER BY id)) FROM dead_letter d WHERE workspace = $1),
            (SELECT md5(string_agg(d::text, ',' ORDER BY id)) FROM drift_alert d WHERE workspace = $1),
            (SELECT md5(string_agg(d::text, ',' ORDER BY id)) FROM review d WHERE workspace = $1),
            (SELECT md5(string_agg(d::text, ',' ORDER BY id)) FROM replay d WHERE workspace = $1),
            (SELECT md5(string_agg(d::text, ',' ORDER BY id)) FROM undo d WHERE workspace = $1),
            (SELECT md5(string_agg(d::text, ',' ORDER BY id)) FROM command d WHERE workspace = $1),
            (SELECT md5(string_agg(d::text, ',' ORDER BY id)) FROM message d WHERE workspace = $1),
            (SELECT md5(string_agg(d::text, ',' ORDER BY id)) FROM customer_merge d WHERE workspace = $1),
            (SELECT md5(string_agg(concat(id, revoked_at), ',' ORDER BY id)) FROM api_key d WHERE workspace = $1),
            (SELECT md5(string_agg(d::text, ',' ORDER BY kind, value)) FROM identity d WHERE workspace = $1))
        """, workspace);

    public ValueTask DisposeAsync() => Installation.DisposeAsync();

    private static string ProposalFor(GrainId customer) => JsonSerializer.Serialize(
        new Proposal
        {
            Key = "action/spare/1",
            EventId = Guid.Empty,
            Step = 1,
            From = "spare",
            Name = "spare",
            Type = "create_task",
            Tier = RiskTier.Low,
            Reason = "It was only tried.",
            Command = new CrmCommand.CreateTask("spare", "Look", "", At, "low", null, [new RecordRef(CrmObject.Contact, customer)]),
            ProposedAt = At,
            DueAt = At.AddDays(1),
            ExpiresAt = At.AddDays(2),
        },
        CoreJson.Default.Proposal);

    private async Task SendAsync(string workspace)
    {
        // Nothing in common with the other workspace, as both write to one stand-in CRM: what it answers names who wrote a record last.
        var good = A.Lead.With(
            "msg_good",
            ("fields.email", $"ops@{workspace}.test"), ("fields.website", $"https://{workspace}.test"), ("fields.company", $"Operations of {workspace}"));
        foreach (var post in (Post[])[good, A.Lead.With("msg_broken", ("fields.email", "none"))])
            Assert.Equal(HttpStatusCode.Accepted, (await Installation.Sender.TryAsync(post, Sender.Sign(post), workspace)).Status);
    }

    private async Task FillAsync(string workspace)
    {
        var database = Installation.Database;
        var spare = GrainId.Of(workspace, GrainKind.Customer, "spare");
        await database.ExecuteAsync(
            "INSERT INTO grain (partition, grain, version, state) VALUES ($1, $2, 1, '{}')", MailboxPartition.Of(spare), spare.ToString());
        for (var number = 0; number < 40; number++)
        {
            await database.ExecuteAsync("""
                INSERT INTO dead_letter (queue, workspace, partition, grain, kind, body, error) VALUES ('turns', $1, $2, $3, 'timer_fired', '{"message":"timer_fired","timer":"none"}', 'It was only tried.')
                """, workspace, MailboxPartition.Of(GrainId.Of(workspace, GrainKind.Deal, "none")), $"{workspace}/deal/none");
            await database.ExecuteAsync("""
                INSERT INTO drift_alert (workspace, source, partition, version, path, kind, seen, usual, samples, count)
                SELECT $1, p.source, p.id, 'v', $2, 'missing', '{}', 'text', '{}', 1 FROM partition p WHERE p.workspace = $1
                """, workspace, $"path{number}");
            await database.ExecuteAsync(
                "INSERT INTO api_key (key_hash, name, scopes, workspace) VALUES (gen_random_uuid()::text::bytea, 'spare', '{}', $1)", workspace);
        }

        await database.ExecuteAsync("""
            INSERT INTO review (workspace, key, reason, summary, grain, asked, proposal, action, tier)
            SELECT $1, 'action/spare/' || n, 'approval', 'It was only tried.', $2, 'Why?', $3, 'create_task', 'low' FROM generate_series(1, 200) n
            """, workspace, spare.ToString(), ProposalFor(spare));
        await database.ExecuteAsync("""
            INSERT INTO review (workspace, key, reason, summary, grain) SELECT $1, 'spare/' || n, 'spare', 'It was only tried.', $2 FROM generate_series(1, 40) n
            UNION ALL SELECT $1, 'autonomy/' || a, 'autonomy', 'It was only tried.', $2 FROM unnest('{set_owner,move_stage}'::text[]) a
            """, workspace, $"{workspace}/workspace/policy");
        await database.ExecuteAsync(
            "UPDATE review SET detail = json_build_object('action', split_part(key, '/', 2), 'decided', 60, 'accepted', 60) WHERE reason = 'autonomy' AND workspace = $1", workspace);
        var action = await database.ValueAsync<long>("SELECT min(id) FROM command WHERE workspace = $1", workspace);
        for (var number = 0; number < 40; number++)
        {
            var plan = await Admin.PostAsync($"/v1/actions/{action}/undo", "{}");
            Assert.True(plan.Status == HttpStatusCode.Created, plan.Text);
        }

        var replay = await Admin.PostAsync("/v1/replays", JsonSerializer.Serialize(new { workspace }));
        Assert.True(replay.Status == HttpStatusCode.OK, replay.Text);
    }
}
