using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CrmGrains.Sandbox;

namespace CrmGrains.IntegrationTests.Sandbox;

/// <summary>What a call answered.</summary>
public sealed record Answer(HttpStatusCode Status, HttpResponseHeaders Headers, string Text)
{
    public JsonElement Body => JsonSerializer.Deserialize<JsonElement>(Text);

    public IReadOnlyList<JsonElement> Results => [.. Body.GetProperty("results").EnumerateArray()];

    public string Id => Body.GetProperty("id").ToString();

    public string Category => Body.GetProperty("category").ToString();

    public string Message => Body.GetProperty("message").ToString();

    public string Property(string name) => Body.GetProperty("properties").GetProperty(name).ToString();

    public string Header(string name) => Headers.GetValues(name).Single();
}

/// <summary>A clock that stands still until it is moved.</summary>
public sealed class ManualClock : TimeProvider
{
    private DateTimeOffset _now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan by) => _now += by;
}

/// <summary>Each test has a sandbox of its own, on a port that the system chose, and its clock.</summary>
public abstract class SandboxTest : IAsyncLifetime
{
    protected const string Objects = "/crm/objects/2026-09";

    private HttpClient _http = new();
    private SandboxServer? _server;

    protected ManualClock Clock { get; } = new();

    protected virtual SandboxOptions Options =>
        new() { Urls = "http://127.0.0.1:0", Log = false, BurstLimit = 10_000, SearchLimit = 1_000 };

    protected string Url => _server?.Url ?? throw new InvalidOperationException("The sandbox has not started.");

    public async Task InitializeAsync()
    {
        _server = await SandboxServer.StartAsync(Options, Clock);
        _http.BaseAddress = new Uri(_server.Url);
        _http.Timeout = TimeSpan.FromSeconds(20);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "pat-test");
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await StopAsync();
    }

    /// <summary>Stops the sandbox gracefully and starts another with the same options.</summary>
    protected async Task RestartAsync()
    {
        await DisposeAsync();
        _http = new HttpClient();
        await InitializeAsync();
    }

    protected async Task StopAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _server = null;
    }

    /// <summary>Asks again until it is so, for ten seconds at most.</summary>
    internal static async Task Until(Func<Task<bool>> isSo, string otherwise)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!await isSo())
        {
            Assert.False(patience.IsCancellationRequested, otherwise);
            await Task.Yield();
        }
    }

    protected Task<Answer> Get(string path) => Send(HttpMethod.Get, path);

    protected Task<Answer> Post(string path, object body) => Send(HttpMethod.Post, path, body);

    protected Task<Answer> Patch(string path, object body) => Send(HttpMethod.Patch, path, body);

    protected Task<Answer> Put(string path, object? body = null) => Send(HttpMethod.Put, path, body);

    protected Task<Answer> Delete(string path) => Send(HttpMethod.Delete, path);

    /// <param name="asksFirst">Waits for the server's leave before the body is sent (<c>Expect: 100-continue</c>).</param>
    protected async Task<Answer> Send(
        HttpMethod method, string path, object? body = null, bool asksFirst = false, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.ExpectContinue = asksFirst;
        if (body is not null)
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var response = await _http.SendAsync(request, cancellationToken);
        return new Answer(response.StatusCode, response.Headers, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    protected Task<Answer> Create(string type, object properties) => Post($"{Objects}/{type}", new { properties });

    protected async Task<string> ContactId(string email) => (await Create("contacts", new { email })).Id;

    protected async Task<string> CompanyId(string name) => (await Create("companies", new { name })).Id;

    protected async Task<string> DealId(string name = "Audit") =>
        (await Create("deals", new { dealname = name, pipeline = "automation_audit", dealstage = "audit_new" })).Id;

    protected Task<Answer> Search(string type, string property, string op, object? value = null) =>
        Post($"{Objects}/{type}/search", value is string[] values
            ? new { filterGroups = new[] { new { filters = new[] { new { propertyName = property, @operator = op, values } } } } }
            : new { filterGroups = new[] { new { filters = new[] { new { propertyName = property, @operator = op, value } } } } });

    /// <summary>Lets search catch up with all writes so far.</summary>
    protected void LetSearchCatchUp() => Clock.Advance(TimeSpan.FromSeconds(2));

    protected static string Names(IEnumerable<JsonElement> results, string property) =>
        string.Join(' ', results.Select(result => result.GetProperty("properties").GetProperty(property).ToString()).Order());
}
