using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using CrmGrains.Host.Access;
using CrmGrains.IntegrationTests.EndToEnd;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Access;

/// <summary>Every endpoint that the running process has, tried by every kind of key: what must be answered follows from what the endpoint declares.</summary>
public sealed partial class AccessMatrixTests(ITestOutputHelper output)
{
    // Nobody's, of the form that each path takes.
    private const string UnknownUuid = "01941f29-7c00-7000-8000-000000000000";
    private const string UnknownNumber = "900000000001";
    private const string UnknownHash = "0000000000000000000000000000000000000000000000000000000000000000";

    private int _cases;

    [Fact]
    public async Task Every_endpoint_answers_every_kind_of_key_as_it_declares_and_keeps_workspaces_apart()
    {
        await using var two = await TwoWorkspaces.CreateAsync(output);
        var endpoints = (await EndpointsAsync(two.Admin)).ToList();
        var keys = await KeysAsync(two);
        var (own, foreign) = (await two.OfAsync(TwoWorkspaces.Own), await two.OfAsync(TwoWorkspaces.Foreign));
        var url = two.Installation.Host.Url;

        foreach (var endpoint in endpoints.Where(endpoint => endpoint.Scope is not null))
        {
            foreach (var key in (string?[])[null, "cg_nobody", keys["revoked"].Key])
                await ExpectAsync(new Api(url, key), endpoint, own, [HttpStatusCode.Unauthorized]);
        }

        // Whatever a key of one workspace tries on another one, nothing happens there and nothing is told.
        var before = await two.DigestAsync(TwoWorkspaces.Foreign);
        foreach (var endpoint in endpoints.Where(endpoint => endpoint is { Scope: not null, Extent: "workspace" }))
        {
            foreach (var (holder, key) in keys.Where(each => each.Value.Workspace == TwoWorkspaces.Own))
                await TryForeignAsync(new Api(url, key.Key), holder, key, endpoint, foreign);
        }

        Assert.Equal(before, await two.DigestAsync(TwoWorkspaces.Foreign));

        // Reading first: what is done uses up what there is to read.
        var served = new HashSet<string>();
        foreach (var endpoint in endpoints.Where(endpoint => endpoint.Scope is not null).OrderBy(endpoint => endpoint.Method != HttpMethod.Get))
        {
            foreach (var key in keys.Values.Where(key => key.Workspace != ""))
            {
                var belongings = await two.OfAsync(key.Workspace ?? TwoWorkspaces.Own);
                var reply = await SendAsync(new Api(url, key.Key), endpoint, belongings, null);
                var isAllowed = MayCall(key, endpoint);
                Assert.True(
                    isAllowed ? IsHandled(reply, endpoint) : reply.Status == HttpStatusCode.Forbidden,
                    $"{endpoint} for {string.Join(' ', key.Scopes)} of {key.Workspace ?? "all"}: {reply.Status} {reply.Text}");
                if (isAllowed && (int)reply.Status < 300)
                    served.Add(endpoint.ToString());
                if (key.Workspace is { } bound)
                    AssertTellsNothingOf(bound == TwoWorkspaces.Own ? foreign : own, reply, endpoint, asked: null);
            }
        }

        Assert.Equal(endpoints.Where(endpoint => endpoint.Scope is not null).Select(endpoint => endpoint.ToString()).Order(), served.Order());
        Assert.Equal(["/v1/config/schema", "/v1/hooks/{workspace}/{source}"], endpoints.Where(endpoint => endpoint.Scope is null).Select(endpoint => endpoint.Path).Order(StringComparer.Ordinal));
        Assert.Empty(two.Installation.Host.Errors());
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{endpoints.Count} endpoints, {keys.Count + 2} kinds of callers, 2 workspaces: {_cases} cases tried."));
    }

    [Fact]
    public async Task The_ledger_of_one_workspace_is_followed_to_its_end_without_the_entries_of_others()
    {
        await using var two = await TwoWorkspaces.CreateAsync(output);
        var bound = new Api(two.Installation.Host.Url, (await two.KeyAsync(Role.Viewer, null, TwoWorkspaces.Own)).Key);
        var all = await two.Installation.Database.ValueAsync<long>("SELECT count(*) FROM ledger WHERE workspace = $1", TwoWorkspaces.Own);

        foreach (var (api, path) in ((Api, string)[])[(bound, "/v1/ledger?limit=3"), (two.Admin, $"/v1/ledger?limit=3&workspace={TwoWorkspaces.Own}")])
        {
            var (entries, after) = (new List<JsonElement>(), "");
            while (true)
            {
                var page = (await api.GetAsync($"{path}&after={after}")).Json;
                var found = page.GetProperty("entries").EnumerateArray().ToList();
                entries.AddRange(found);
                after = page.GetProperty("next").GetString();
                if (found.Count == 0 && !page.TryGetProperty("has_more", out _))
                    break;
            }

            Assert.All(entries, entry => Assert.Equal(TwoWorkspaces.Own, entry.GetProperty("workspace").GetString()));
            Assert.Equal((all, all), (entries.Count, entries.DistinctBy(entry => (entry.GetProperty("partition").GetInt32(), entry.GetProperty("position").GetInt64())).Count()));
        }
    }

    private static bool MayCall(Holder key, Endpoint endpoint) =>
        (key.Scopes.Contains(Scope.Admin) || key.Scopes.Contains(endpoint.Scope)) && (endpoint.Extent != "installation" || key.Workspace is null);

    // What several keys do in turn is done by the first of them; the others find it done.
    private static bool IsHandled(Reply reply, Endpoint endpoint) => (int)reply.Status < 300
        || (endpoint.Method != HttpMethod.Get && reply.Status is HttpStatusCode.NotFound or HttpStatusCode.Conflict);

    private async Task TryForeignAsync(Api api, string holder, Holder key, Endpoint endpoint, Belongings foreign)
    {
        var reply = await SendAsync(api, endpoint, foreign, foreign.Workspace);
        if (!MayCall(key, endpoint))
        {
            Assert.True(reply.Status == HttpStatusCode.Forbidden, $"{endpoint} for {holder}: {reply.Status} {reply.Text}");
            return;
        }

        // As if there were nothing of that name, word for word.
        var unknown = await SendAsync(api, endpoint, Unknown(foreign), "nowhere");
        if (endpoint.Path.Contains('{', StringComparison.Ordinal) || endpoint.Parameters.Contains("workspace"))
            Assert.Equal(Without(unknown.Text, Unknown(foreign)), Without(reply.Text, foreign));
        Assert.Equal(unknown.Status, reply.Status);
        AssertTellsNothingOf(foreign, reply, endpoint, foreign);
        if (endpoint.Path.Contains('{', StringComparison.Ordinal))
            Assert.Equal(HttpStatusCode.NotFound, reply.Status);

        if (!endpoint.Parameters.Contains("after") || endpoint.Path == "/v1/ledger")
            return;
        _cases++;
        var from = await api.GetAsync($"{endpoint.Path}?after={InPath(foreign, endpoint.Path + (endpoint.Path == "/v1/configurations" ? "/{hash}" : "/{id}"))}");
        Assert.True(from.Status == HttpStatusCode.OK, $"{endpoint}: {from.Status} {from.Text}");
        AssertTellsNothingOf(foreign, from, endpoint, foreign);
        if (endpoint.Path != "/v1/dead-letters")
            Assert.Empty(from.Json.GetProperty("items").EnumerateArray());
    }

    private static void AssertTellsNothingOf(Belongings other, Reply reply, Endpoint endpoint, Belongings? asked)
    {
        var text = asked is null ? reply.Text : Without(reply.Text, asked);
        var told = other.Ids.Append($"\"{other.Workspace}\"").Append($"{other.Workspace}/").FirstOrDefault(id => text.Contains(id, StringComparison.Ordinal));
        Assert.True(told is null || endpoint.Extent == "shared", $"{endpoint} tells of {told}: {text}");
    }

    private async Task ExpectAsync(Api api, Endpoint endpoint, Belongings belongings, HttpStatusCode[] expected)
    {
        var reply = await SendAsync(api, endpoint, belongings, null);
        Assert.True(expected.Contains(reply.Status), $"{endpoint}: {reply.Status} {reply.Text}");
        Assert.Equal("application/problem+json", reply.ContentType);
    }

    private async Task<Reply> SendAsync(Api api, Endpoint endpoint, Belongings belongings, string? workspace)
    {
        _cases++;
        var path = endpoint.Path;
        foreach (var prefix in belongings.InPaths.Keys.Where(prefix => path.StartsWith(prefix, StringComparison.Ordinal)))
            path = string.Concat(InPathName().Replace(prefix, belongings.InPaths[prefix]), path.AsSpan(prefix.Length));
        path = path.Replace("/v1/contract/{type}", "/v1/contract/lead.submitted", StringComparison.Ordinal);
        Assert.False(path.Contains('{', StringComparison.Ordinal), $"{path}: say in {nameof(TwoWorkspaces)} what a workspace has of this.");
        var query = new List<string>();
        if (endpoint.Parameters.Contains("workspace") && (workspace ?? ((path.StartsWith("/v1/customers", StringComparison.Ordinal) || path.StartsWith("/v1/autonomy", StringComparison.Ordinal)) ? belongings.Workspace : null)) is { } named)
            query.Add($"workspace={named}");
        if (path.EndsWith("/whatif", StringComparison.Ordinal))
            query.Add("lead.urgency=low");
        if (endpoint.Parameters.Contains("email"))
            query.Add($"email=ops@{belongings.Workspace}.test");
        return await api.SendAsync(
            endpoint.Method, query.Count == 0 ? path : $"{path}?{string.Join('&', query)}",
            endpoint.Method == HttpMethod.Get ? null : new StringContent(BodyOf(endpoint, belongings, workspace), System.Text.Encoding.UTF8, "application/json"));
    }

    // Bodies that would do something: of a key's own workspace where it names none.
    private static string BodyOf(Endpoint endpoint, Belongings belongings, string? workspace) => endpoint.Path switch
    {
        "/v1/keys" => JsonSerializer.Serialize(new { name = "made", role = "viewer", workspace }),
        "/v1/replays" => JsonSerializer.Serialize(new { workspace = workspace ?? belongings.Workspace }),
        "/v1/customers/{key}/merge" => JsonSerializer.Serialize(new { into = "spare" }),
        "/v1/undo" => JsonSerializer.Serialize(new { workspace = workspace ?? belongings.Workspace, @event = InPath(belongings, "/v1/events/{id}") }),
        "/v1/reviews/bulk" => JsonSerializer.Serialize(new { answers = new[] { new { id = UnknownUuid, version = 1, answer = "escalate" } } }),
        _ when endpoint.Path.StartsWith("/v1/reviews/{id}/", StringComparison.Ordinal) => JsonSerializer.Serialize(new
        {
            version = 1, reason = "It was only tried.", text = "It was only tried.", assignee = "somebody", until = TimeProvider.System.GetUtcNow().AddDays(1),
            edits = new { subject = "Look again" },
        }),
        _ => "{}",
    };

    private static string InPath(Belongings belongings, string path) => belongings.InPaths[path];

    private static Belongings Unknown(Belongings like) => like with
    {
        Workspace = "nowhere",
        InPaths = like.InPaths.ToDictionary(pair => pair.Key, pair => Guid.TryParse(pair.Value, out _) ? UnknownUuid : pair.Value.All(char.IsAsciiDigit) ? UnknownNumber : UnknownHash),
    };

    // What was asked for is named in answers, and each has the id of its own request.
    private static string Without(string text, Belongings asked) => asked.InPaths.Values.Append(asked.Workspace).Aggregate(
        TraceId().Replace(text, ""), (left, part) => Regex.Replace(left, $@"(?<= ){Regex.Escape(part)}\b", "…", RegexOptions.None, TimeSpan.FromSeconds(1)));

    private static async Task<Dictionary<string, Holder>> KeysAsync(TwoWorkspaces two)
    {
        var keys = new Dictionary<string, Holder>();
        foreach (var workspace in (string?[])[TwoWorkspaces.Own, TwoWorkspaces.Foreign, null])
        {
            foreach (var role in Role.All)
                keys[$"{role} of {workspace ?? "all"}"] = new Holder((await two.KeyAsync(role, null, workspace)).Key, [.. Role.ScopesOf(role)], workspace);
            foreach (var scope in Scope.All)
                keys[$"{scope} of {workspace ?? "all"}"] = new Holder((await two.KeyAsync(null, [scope], workspace)).Key, [scope], workspace);
        }

        var (id, revoked) = await two.KeyAsync(Role.Admin, null, null);
        Assert.Equal(HttpStatusCode.NoContent, (await two.Admin.PostAsync($"/v1/keys/{id}/revoke")).Status);
        keys["revoked"] = new Holder(revoked, [], "");
        return keys;
    }

    private static async Task<IEnumerable<Endpoint>> EndpointsAsync(Api api)
    {
        var document = (await api.GetAsync("/openapi/v1.json")).Json;
        return from path in document.GetProperty("paths").EnumerateObject()
               from operation in path.Value.EnumerateObject()
               let scope = operation.Value.TryGetProperty("x-scope", out var needed) ? needed.GetString() : null
               let extent = operation.Value.TryGetProperty("x-extent", out var far) ? far.GetString() : null
               let parameters = operation.Value.TryGetProperty("parameters", out var named)
                   ? named.EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString() ?? "").ToList()
                   : []
               select new Endpoint(new HttpMethod(operation.Name.ToUpperInvariant()), path.Name.TrimEnd('/'), scope, extent, parameters);
    }

    [GeneratedRegex("\\{[a-z]+\\}", RegexOptions.None, 1000)]
    private static partial Regex InPathName();

    [GeneratedRegex("\"traceId\":\"[^\"]*\"", RegexOptions.None, 1000)]
    private static partial Regex TraceId();

    private sealed record Holder(string Key, IReadOnlyList<string> Scopes, string? Workspace);

    private sealed record Endpoint(HttpMethod Method, string Path, string? Scope, string? Extent, IReadOnlyList<string> Parameters)
    {
        public override string ToString() => $"{Method} {Path}";
    }
}
