using System.Net.Http.Json;
using System.Text.Json;
using CrmGrains.Connectors;
using CrmGrains.Connectors.Channels;
using CrmGrains.Connectors.Outbox;
using CrmGrains.Core.Configuration;
using CrmGrains.IntegrationTests.Outbox;
using CrmGrains.Sandbox;
using Microsoft.Extensions.Logging.Abstractions;

namespace CrmGrains.IntegrationTests.Channels;

/// <summary>Commands in a database, an outbox on it, a channel's connector and a sandbox at its other end.</summary>
public abstract class ChannelTest : IAsyncLifetime
{
    protected const string WebhookSecret = "whsec_cGFydG5lci1zZWNyZXQtb2YtdGhlLXRlc3RzLTAxMjM=";

    private static readonly RateLimit Wide = new(10_000, TimeSpan.FromSeconds(1));

    private readonly HttpClient _http = new();
    private SandboxServer? _sandbox;

    private protected OutboxBench Bench { get; } = new();

    private protected static OutboxOptions Impatient => new()
    {
        CallTimeout = TimeSpan.FromHours(2), MaxRetryAfter = TimeSpan.FromSeconds(1), UncertainWait = TimeSpan.Zero, RetryBase = TimeSpan.FromMilliseconds(100),
        ProbeBase = TimeSpan.FromMilliseconds(200), ProbeCeiling = TimeSpan.FromMilliseconds(400), UnknownWait = TimeSpan.FromMilliseconds(100),
    };

    protected virtual SandboxOptions Options => new() { Urls = "http://127.0.0.1:0", Log = false, WebhookSecret = WebhookSecret };

    protected SandboxServer Sandbox => _sandbox ?? throw new InvalidOperationException("The sandbox has not started.");

    protected string Secret { get; set; } = WebhookSecret;

    public async Task InitializeAsync()
    {
        await Bench.InitializeAsync();
        _sandbox = await SandboxServer.StartAsync(Options);
        _http.BaseAddress = new Uri(_sandbox.Url);
    }

    public async Task DisposeAsync()
    {
        await Bench.DisposeAsync();
        _http.Dispose();
        await Sandbox.DisposeAsync();
    }

    protected static ChannelConfiguration Smtp(string? user = null) =>
        new ChannelConfiguration.Smtp("mail", "Nordwind <hello@nordwind.test>", user, user is null ? null : "password", IsTlsRequired: false)
        {
            Name = "mail", Limit = Wide, AllowPrivate = true,
        };

    protected static ChannelConfiguration Slack(string hook) =>
        new ChannelConfiguration.Slack($"services/{hook}") { Name = "team", Limit = Wide, AllowPrivate = true };

    protected static ChannelConfiguration Webhook(string receiver = "partner") =>
        new ChannelConfiguration.Webhook($"webhooks/{receiver}", "secret") { Name = "partner", Limit = Wide, AllowPrivate = true };

    /// <summary>The connector of a channel that leads to the sandbox.</summary>
    private protected IConnector Connect(ChannelConfiguration channel, ChannelsOptions? options = null, TimeProvider? time = null) =>
        ChannelConnectors.Create(
            channel, address => address == "mail" ? new Uri(Sandbox.MailUrl) : new Uri($"{Sandbox.Url}/{address}"), _ => Secret,
            options ?? new ChannelsOptions { AllowPrivate = true }, time ?? TimeProvider.System, NullLoggerFactory.Instance);

    protected async Task<IReadOnlyList<JsonElement>> TakenAsync(string what) =>
        [.. (await _http.GetFromJsonAsync<JsonElement>($"/sandbox/{what}")).GetProperty("results").EnumerateArray()];

    protected async Task FaultAsync(object fault) => (await _http.PostAsJsonAsync("/sandbox/faults", fault)).EnsureSuccessStatusCode();

    private protected Task PausedAsync(string reason) => OutboxBench.EventuallyAsync(
        $"the channel to be paused: {reason}", () => Bench.ScalarAsync<string>("SELECT reason FROM crm_account"), seen => seen == reason);

    protected static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetString() : null;
}
