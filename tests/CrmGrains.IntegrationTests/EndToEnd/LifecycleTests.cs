using System.Net;
using CrmGrains.IntegrationTests.Engine;
using CrmGrains.IntegrationTests.Postgres;
using CrmGrains.Runtime.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>What a running host makes of files that change and of a database that goes away.</summary>
public sealed class LifecycleTests(ITestOutputHelper output)
{
    private const string Faulty = "rank: twenty";

    [Fact]
    public async Task A_faulty_workspace_file_changes_nothing_and_each_fault_is_logged_with_its_line()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        var host = await installation.StartAsync();

        installation.Workspaces.Write(installation.Workspaces.Text
            .Replace("rank: 20", Faulty, StringComparison.Ordinal).Replace("start: 0", "start: some", StringComparison.Ordinal));
        await installation.UntilAsync("a line that says that the file wasn't taken", () => Task.FromResult(
            host.Log.Any(line => line.Contains("goes on as before", StringComparison.Ordinal))));

        Assert.All(
            [Faulty, "start: some"],
            fault => Assert.Contains(host.Log, line => line.Contains($"demo.yaml:{installation.Workspaces.LineOf(fault)}:", StringComparison.Ordinal)));
        var receipt = await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();
        Assert.Equal("completed", (await installation.Api.TraceAsync(receipt.EventId)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_faulty_workspace_file_at_the_start_is_told_with_each_line_and_exit_code_1()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        installation.Workspaces.Change("rank: 20", Faulty);
        installation.Workspaces.Change("start: 0", "start: some");

        var run = await installation.RunAsync(
            "serve", "--urls", "http://127.0.0.1:0", "--postgres", installation.ConnectionString, "--workspaces", installation.Workspaces.Folder);

        Assert.Equal(1, run.ExitCode);
        Assert.All(
            [Faulty, "start: some"],
            fault => Assert.Contains($"demo.yaml:{installation.Workspaces.LineOf(fault)}:", run.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_is_rotated_without_a_restart()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        installation.Environment["NEW_DIAGNOSTIC_SECRET"] = Secret.NewDiagnostic;
        await installation.StartAsync();
        async Task<HttpStatusCode> SendAsync(string secret) =>
            (await installation.Sender.TryAsync(A.Lead with { DeliveryId = $"msg_{Guid.NewGuid():N}" }, secret)).Status;
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(Secret.NewDiagnostic));

        installation.Workspaces.Change("secrets: [env:DIAGNOSTIC_SECRET]", "secrets: [env:DIAGNOSTIC_SECRET, env:NEW_DIAGNOSTIC_SECRET]");
        await installation.UntilAsync("a new secret that is taken", async () => await SendAsync(Secret.NewDiagnostic) == HttpStatusCode.Accepted);
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(Secret.Diagnostic));

        installation.Workspaces.Change("secrets: [env:DIAGNOSTIC_SECRET, env:NEW_DIAGNOSTIC_SECRET]", "secrets: [env:NEW_DIAGNOSTIC_SECRET]");
        await installation.UntilAsync("an old secret that is refused", async () => await SendAsync(Secret.Diagnostic) == HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(Secret.NewDiagnostic));

        // Every configuration that was in force is kept, so that its turns can be repeated.
        await installation.QuietAsync();
        await installation.UntilAsync("a record of every configuration that the ledger names", async () => await installation.Database.ValueAsync<long>("""
            SELECT count(DISTINCT configuration) FROM ledger WHERE configuration <> ''
                AND configuration NOT IN (SELECT hash FROM configuration)
            """) == 0);
        Assert.Equal(0, await installation.Database.ValueAsync<long>(
            "SELECT count(*) FROM configuration WHERE hash <> encode(sha256(convert_to(body, 'UTF8')), 'hex')"));
    }

    [Fact]
    public async Task While_postgres_is_away_senders_are_asked_to_come_again_and_everything_goes_on_by_itself_when_it_is_back()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        using var data = new ServerFolder();
        var postgres = await StartPostgresAsync(data);
        try
        {
            await installation.StartOnAsync(postgres.ConnectionString);
            await installation.Sender.SendAsync(A.Lead);
            await using var database = Npgsql.NpgsqlDataSource.Create(postgres.ConnectionString);
            await installation.QuietAsync(database);
            Assert.Equal(HttpStatusCode.OK, (await installation.Api.GetAsync("/readyz")).Status);

            await postgres.DisposeAsync();
            var open = A.With(A.Lead, "msg_open", ("submission_id", "diag_open"), ("fields.pain", "Another one."));
            var refused = await installation.Sender.TryAsync(open);
            var neverSeen = await installation.Sender.TryAsync(A.GenericLead);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "unavailable"), (refused.Status, refused.Code));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "unavailable"), (neverSeen.Status, neverSeen.Code));
            Assert.NotNull(refused.Headers.RetryAfter);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await installation.Api.GetAsync("/readyz")).Status);
            Assert.Equal(HttpStatusCode.OK, (await installation.Api.GetAsync("/healthz")).Status);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await installation.Api.GetAsync("/v1/reviews")).Status);
            Assert.Equal(HttpStatusCode.OK, (await installation.Api.GetAsync("/metrics")).Status);

            postgres = await StartPostgresAsync(data);
            var receipt = await installation.Sender.SendAsync(open);
            await installation.UntilAsync("readiness", async () => (await installation.Api.GetAsync("/readyz")).Status == HttpStatusCode.OK);
            await installation.QuietAsync(database);
            Assert.Equal("completed", (await installation.Api.TraceAsync(receipt.EventId)).GetProperty("status").GetString());
            Assert.Empty(installation.Host.Errors());
            Assert.Equal(0, await installation.Process.StopAsync());
        }
        finally
        {
            await postgres.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_host_whose_postgres_answers_only_later_waits_for_it()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        using var data = new ServerFolder();
        var postgres = await StartPostgresAsync(data);
        var connectionString = postgres.ConnectionString;
        await postgres.DisposeAsync();

        var starting = installation.StartOnAsync(connectionString);
        postgres = await StartPostgresAsync(data);
        await using var stopping = postgres;

        await starting;
        Assert.Equal(HttpStatusCode.OK, (await installation.Api.GetAsync("/readyz")).Status);
        Assert.Equal(0, await installation.Process.StopAsync());
    }

    private static Task<EmbeddedPostgres> StartPostgresAsync(ServerFolder data) => EmbeddedPostgres.StartAsync(
        new EmbeddedPostgresOptions { DataFolder = data.Path }, NullLogger.Instance, TimeProvider.System, CancellationToken.None);
}
