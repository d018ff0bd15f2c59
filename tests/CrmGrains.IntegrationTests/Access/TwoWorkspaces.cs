using System.Net;
using System.Text.Json;
using CrmGrains.Core.Grains;
using CrmGrains.IntegrationTests.EndToEnd;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Access;

/// <summary>What of a workspace the paths of endpoints name, and all ids by which an answer could give the workspace away.</summary>
internal sealed record Belongings(string Workspace, IReadOnlyDictionary<string, string> InPaths, IReadOnlySet<string> Ids);

/// <summary>One process with two workspaces, <c>demo</c> and <c>elsewhere</c>, which have something of everything.</summary>
internal sealed class TwoWorkspaces : IAsyncDisposable
{
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
                Path.Combine(files.Folder, $"{Foreign}.yaml"), files.Text.Replace("workspace: demo", $"workspace: {Foreign}", StringComparison.Ordinal).Replace("/demo/", $"/{Foreign}/", StringComparison.Ordinal));
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
                ["/v1/events/{id}"] = await One("SELECT event_id::text FROM event WHERE workspace = $1 LIMIT 1"),
                ["/v1/customers/{key}"] = await One("SELECT split_part(grain, '/', 3) FROM ledger WHERE workspace = $1 AND grain LIKE '%/customer/%' LIMIT 1"),
                ["/v1/dead-letters/{id}"] = await One("SELECT min(id)::text FROM dead_letter WHERE workspace = $1 AND ended_at IS NULL"),
                ["/v1/drift/{id}"] = await One("SELECT min(id::text) FROM drift_alert WHERE workspace = $1 AND ended_at IS NULL"),
                ["/v1/replays/{id}"] = await One("SELECT max(id)::text FROM replay WHERE workspace = $1"),
                ["/v1/reviews/{id}"] = await One("SELECT min(id::text) FROM review WHERE workspace = $1 AND closed_at IS NULL"),
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
            (SELECT md5(string_agg(d::text, ',' ORDER BY id)) FROM customer_merge d WHERE workspace = $1),
            (SELECT md5(string_agg(concat(id, revoked_at), ',' ORDER BY id)) FROM api_key d WHERE workspace = $1),
            (SELECT md5(string_agg(d::text, ',' ORDER BY kind, value)) FROM identity d WHERE workspace = $1))
        """, workspace);

    public ValueTask DisposeAsync() => Installation.DisposeAsync();

    private async Task SendAsync(string workspace)
    {
        foreach (var post in (Post[])[A.Lead.With("msg_good", ("fields.email", $"ops@{workspace}.test")), A.Lead.With("msg_broken", ("fields.email", "none"))])
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

        var replay = await Admin.PostAsync("/v1/replays", JsonSerializer.Serialize(new { workspace }));
        Assert.True(replay.Status == HttpStatusCode.OK, replay.Text);
    }
}
