using System.Diagnostics;
using CrmGrains.IntegrationTests.Databases;
using CrmGrains.IntegrationTests.Engine;
using CrmGrains.Sandbox;
using Npgsql;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>
/// All that a test needs to see the whole: a database, a sandbox, a folder of workspaces, and host processes on them. What the hosts
/// logged is in the output of a test that fails.
/// </summary>
internal sealed class Installation : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly ITestOutputHelper _output;
    private readonly TestDatabase _database;
    private readonly List<ServingHost> _hosts = [];

    private Installation(ITestOutputHelper output, TestDatabase database, SandboxServer sandbox)
    {
        (_output, _database, Sandbox) = (output, database, sandbox);
        Crm = new Crm(sandbox.Url);
        Environment = new Dictionary<string, string>
        {
            ["DIAGNOSTIC_SECRET"] = Secret.Diagnostic,
            ["GENERIC_SECRET"] = Secret.Generic,
            ["STRIPE_SECRET"] = Secret.Stripe,
            ["AUTOMATION_SECRET"] = Secret.Automation,
            ["HUBSPOT_TOKEN"] = "pat-test",
            ["HUBSPOT_URL"] = sandbox.Url,
            ["MAIL_URL"] = sandbox.MailUrl,
            ["TEAM_URL"] = $"{sandbox.Url}/services/team",
            ["PARTNER_URL"] = $"{sandbox.Url}/webhooks/partner",
            ["PARTNER_SECRET"] = Secret.Partner,
            ["CRMGRAINS__Channels__AllowPrivate"] = "true",
            ["CRMGRAINS__Channels__FileRoot"] = Path.Combine(Workspaces.Folder, "files"),
            ["CRMGRAINS_API_KEY"] = Secret.ApiKey,
        };
    }

    public SandboxServer Sandbox { get; }

    public Crm Crm { get; }

    public WorkspaceFiles Workspaces { get; } = new();

    /// <summary>Of every process that is started from now on.</summary>
    public Dictionary<string, string> Environment { get; }

    public NpgsqlDataSource Database => _database.DataSource;

    public string ConnectionString => _database.ConnectionString;

    public IReadOnlyList<ServingHost> Hosts => _hosts;

    /// <summary>The latest of the hosts.</summary>
    public ServingHost Host => _hosts[^1];

    /// <summary>The same, of one that is a process.</summary>
    public HostProcess Process => Assert.IsType<HostProcess>(Host);

    public Api Api => new(Host.Url, Secret.ApiKey);

    public Sender Sender => new(() => Host.Url);

    /// <summary>One whose waits are short and whose limits are wide, for tests of what happens rather than when.</summary>
    public static async Task<Installation> CreateQuickAsync(ITestOutputHelper output)
    {
        var installation = await CreateAsync(
            output, new SandboxOptions { BurstLimit = 100_000, SearchLimit = 10_000, SearchLag = TimeSpan.Zero });
        installation.Workspaces.Change("general: 190 per 10s", "general: 100000 per 10s");
        installation.Workspaces.Change("search: 5 per 1s", "search: 10000 per 1s");
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["CRMGRAINS__Outbox__FirstSpacing"] = "00:00:00.050",
            ["CRMGRAINS__Outbox__Spacing"] = "00:00:00.200",
            ["CRMGRAINS__Outbox__RetryBase"] = "00:00:00.100",
            ["CRMGRAINS__Outbox__UnknownWait"] = "00:00:00.200",
            ["CRMGRAINS__HubSpot__BatchTimeout"] = "00:00:02",
            ["CRMGRAINS__HubSpot__SingleTimeout"] = "00:00:02",
        })
            installation.Environment[name] = value;
        return installation;
    }

    /// <summary>One with everything as it is delivered.</summary>
    public static Task<Installation> CreateAsDeliveredAsync(ITestOutputHelper output) => CreateAsync(output, new SandboxOptions());

    /// <summary>Starts another host on the database, within this process; for tests that neither kill it nor read its metrics.</summary>
    public async Task<HostWithin> ServeAsync(string roles = "all") =>
        Started(await HostWithin.StartAsync(Environment, ConnectionString, Workspaces.Folder, roles));

    /// <summary>Starts another process on the database.</summary>
    public async Task<HostProcess> StartAsync(string roles = "all") =>
        Started(await HostProcess.StartAsync(
            Environment, "--postgres", ConnectionString, "--workspaces", Workspaces.Folder, "--roles", roles));

    /// <summary>Starts another process on the database, which may end before it listens.</summary>
    public HostProcess Launch() =>
        Started(HostProcess.Launch(Environment, "--postgres", ConnectionString, "--workspaces", Workspaces.Folder));

    /// <summary>Starts a process with a PostgreSQL of its own in a data folder.</summary>
    public async Task<HostProcess> StartEmbeddedAsync(string dataFolder) =>
        Started(await HostProcess.StartAsync(Environment, "--data", dataFolder, "--workspaces", Workspaces.Folder));

    /// <summary>Starts a process on another database than the installation's, or by another way to it.</summary>
    public async Task<HostProcess> StartOnAsync(string connectionString, string roles = "all") => Started(
        await HostProcess.StartAsync(Environment, "--postgres", connectionString, "--workspaces", Workspaces.Folder, "--roles", roles));

    /// <summary>Runs a command of the program in the installation's environment.</summary>
    public Task<Finished> RunAsync(params string[] arguments) => BuiltProgram.RunAsync(Environment, arguments);

    /// <summary>Waits until nothing is left to do: no message, no open command.</summary>
    public Task QuietAsync() => QuietAsync(Database);

    /// <summary>Waits until nothing is left to do in a database.</summary>
    public Task QuietAsync(NpgsqlDataSource database) => UntilAsync("nothing left to do", async () => await database.ValueAsync<long>("""
        SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM command WHERE state IN ('waiting', 'blocked', 'sent'))
        """) == 0);

    /// <summary>Asks again until it is so.</summary>
    /// <param name="missing">What a failing test says.</param>
    /// <param name="isSo">May fail to reach the host or the database: then it isn't so yet.</param>
    public async Task UntilAsync(string missing, Func<Task<bool>> isSo)
    {
        var began = Stopwatch.GetTimestamp();
        Exception? last = null;
        while (true)
        {
            try
            {
                if (await isSo())
                    return;
                last = null;
            }
            catch (Exception exception) when (exception is HttpRequestException or NpgsqlException)
            {
                last = exception;
            }

            Assert.True(
                Stopwatch.GetElapsedTime(began) < Patience, $"Waited {Patience.TotalSeconds} seconds in vain for: {missing}. {last?.Message}");
            await Task.Delay(Look, TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // All at once: each finishes what it has begun.
            await Task.WhenAll(_hosts.Select(host => host.DisposeAsync().AsTask()));
        }
        finally
        {
            foreach (var host in _hosts)
                _output.WriteLine($"--- {host.Url}\n{host.Tail()}");
            Crm.Dispose();
            await Sandbox.DisposeAsync();
            await _database.DisposeAsync();
            Workspaces.Dispose();
        }
    }

    private static async Task<Installation> CreateAsync(ITestOutputHelper output, SandboxOptions sandbox)
    {
        (sandbox.Urls, sandbox.Log, sandbox.WebhookSecret) = ("http://127.0.0.1:0", false, Secret.Partner);
        return new Installation(output, await TestDatabase.CreateAsync(), await SandboxServer.StartAsync(sandbox));
    }

    private THost Started<THost>(THost host)
        where THost : ServingHost
    {
        _hosts.Add(host);
        return host;
    }
}

/// <summary>What the tests' sources sign with, and the key of their API calls.</summary>
internal static class Secret
{
    public const string Diagnostic = "whsec_ZGlhZ25vc3RpYy1zZWNyZXQtb2YtdGhlLXRlc3Rz";
    public const string NewDiagnostic = "whsec_YW5vdGhlci1kaWFnbm9zdGljLXNlY3JldC1vZi10ZXN0cw==";
    public const string Generic = "generic-secret-of-the-tests-0123456789";
    public const string Stripe = "whsec_stripe_secret_of_the_tests_0123456789";
    public const string Partner = "whsec_cGFydG5lci1zZWNyZXQtb2YtdGhlLXRlc3RzLTAxMjM=";
    public const string Automation = "automation-key-of-the-tests-0123456789";
    public const string ApiKey = "cg_api_key_of_the_tests_0123456789";
}
