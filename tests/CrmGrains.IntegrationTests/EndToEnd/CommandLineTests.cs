using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>The program as it is used from a terminal: what it prints, and its exit code.</summary>
public sealed class CommandLineTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Send_prints_the_events_id_and_trace_what_became_of_it()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.StartAsync();
        string[] where = ["--url", installation.Host.Url];

        var sent = await installation.RunAsync(["send", "--sample", "lead", "--delivery-id", "msg_1", "--workspaces", installation.Workspaces.Folder, .. where]);
        var again = await installation.RunAsync(["send", "--sample", "lead", "--delivery-id", "msg_1", "--workspaces", installation.Workspaces.Folder, .. where]);
        await installation.QuietAsync();
        Assert.Equal((0, ""), (sent.ExitCode, sent.Error));
        var id = sent.Output.Trim();
        Assert.Equal((0, $"{id} (was there before)"), (again.ExitCode, again.Output.Trim()));

        var trace = await installation.RunAsync(["trace", id, .. where]);
        Assert.Equal((0, ""), (trace.ExitCode, trace.Error));
        Assert.All(
            [$"Event {id}  COMPLETED", "ops@example.com", "lead_score", "89", "write_source_event_and_diagnostic_summary", "CRM ids: ", "Replay: safe"],
            part => Assert.Contains(part, trace.Output, StringComparison.Ordinal));

        var unknown = await installation.RunAsync(["trace", Guid.CreateVersion7().ToString(), .. where]);
        Assert.Equal((1, ""), (unknown.ExitCode, unknown.Output));
        Assert.StartsWith("No such event (404).", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_that_cannot_do_what_was_asked_say_why_in_one_line()
    {
        await using var installation = await Installation.CreateQuickAsync(output);

        var nobody = await installation.RunAsync("trace", Guid.CreateVersion7().ToString(), "--url", "http://127.0.0.1:1");
        var nothing = await installation.RunAsync("send", "--url", "http://127.0.0.1:1", "--workspaces", installation.Workspaces.Folder);
        var nowhere = await installation.RunAsync("send", "--sample", "lead", "--workspaces", "/no/such/folder");
        var odd = await installation.RunAsync("serve", "--roles", "everything");

        Assert.All([nobody, nothing, nowhere, odd], run => Assert.Equal((1, false), (run.ExitCode, run.Error.Contains("   at ", StringComparison.Ordinal))));
        Assert.StartsWith("No host answers at http://127.0.0.1:1/", nobody.Error, StringComparison.Ordinal);
        Assert.StartsWith("Name a sample", nothing.Error, StringComparison.Ordinal);
        Assert.StartsWith("There is no workspace file /no/such/folder/demo.yaml.", nowhere.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ledger_verify_finds_an_entry_that_a_superuser_changed()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.StartAsync();
        await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();

        var whole = await installation.RunAsync("ledger", "verify", "--postgres", installation.ConnectionString);
        var asked = await installation.RunAsync("ledger", "verify", "--url", installation.Host.Url);
        Assert.Equal((0, whole.Output), (asked.ExitCode, asked.Output));
        Assert.Equal(0, whole.ExitCode);
        Assert.Matches("^[0-9]+ chains with [0-9]+ entries verify\\.", whole.Output);

        await installation.Database.ExecuteAsync("ALTER TABLE ledger DISABLE TRIGGER USER");
        var partition = await installation.Database.ValueAsync<int>("SELECT partition FROM ledger WHERE kind = 'event_received'");
        await installation.Database.ExecuteAsync("UPDATE ledger SET outcome = 'review' WHERE kind = 'event_received'");
        var changed = await installation.RunAsync("ledger", "verify", "--url", installation.Host.Url);
        Assert.Equal(1, changed.ExitCode);
        Assert.Contains($"Chain {partition} is broken at position 1: ", changed.Output, StringComparison.Ordinal);

        await installation.Database.ExecuteAsync("DELETE FROM ledger WHERE (partition, position) IN (SELECT partition, max(position) FROM ledger GROUP BY partition)");
        var cut = await installation.RunAsync("ledger", "verify", "--postgres", installation.ConnectionString);
        Assert.Equal(1, cut.ExitCode);
        Assert.Contains("The chain ends before its head.", cut.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config")]
    [InlineData("workspace")]
    public async Task A_check_names_every_fault_with_its_line(string of)
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        var file = Path.Combine(installation.Workspaces.Folder, "demo.yaml");

        var good = await installation.RunAsync(of, "check", file);
        installation.Workspaces.Change("rank: 20", "rank: twenty");
        installation.Workspaces.Change("start: 0", "start: some");
        var bad = await installation.RunAsync(of, "check", file);
        var missing = await installation.RunAsync(of, "check", "/no/such/file.yaml");

        Assert.Equal(0, good.ExitCode);
        Assert.StartsWith($"{file}: valid, 23 sources", good.Output, StringComparison.Ordinal);
        Assert.Equal((1, 1), (bad.ExitCode, missing.ExitCode));
        Assert.All(
            ["rank: twenty", "start: some"],
            fault => Assert.Contains($"{file}:{installation.Workspaces.LineOf(fault)}:", bad.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_are_made_listed_and_revoked_and_shown_once()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.StartAsync("console");
        string[] where = ["--url", installation.Host.Url];

        var made = await installation.RunAsync(["keys", "create", "--name", "night shift", "--role", "operator", "--workspace", "demo", .. where]);
        var odd = await installation.RunAsync(["keys", "create", "--name", "nobody", "--role", "emperor", .. where]);
        var listed = await installation.RunAsync(["keys", "list", .. where]);
        var key = made.Output.Trim();
        var id = listed.Output.Split('\n').Single(line => line.Contains("night shift", StringComparison.Ordinal)).Split(' ')[0];
        var letters = await new Api(installation.Host.Url, key).GetAsync("/v1/dead-letters");
        var keys = await new Api(installation.Host.Url, key).GetAsync("/v1/keys");
        var revoked = await installation.RunAsync(["keys", "revoke", id, .. where]);
        var last = await installation.RunAsync(["keys", "list", .. where]);
        var first = last.Output.Split('\n').Single(line => line.Contains("CRMGRAINS_API_KEY", StringComparison.Ordinal)).Split(' ')[0];
        var locked = await installation.RunAsync(["keys", "revoke", first, .. where]);

        Assert.Equal((0, 0, 0, 1, 1), (made.ExitCode, listed.ExitCode, revoked.ExitCode, odd.ExitCode, locked.ExitCode));
        Assert.Matches("^cg_[0-9a-f]{48}$", key);
        Assert.DoesNotContain(key, listed.Output, StringComparison.Ordinal);
        Assert.Contains($"{key[..9]}…", listed.Output, StringComparison.Ordinal);
        Assert.Contains("operator  demo", listed.Output, StringComparison.Ordinal);
        Assert.Contains("`role` is viewer, reviewer, operator, admin.", odd.Error, StringComparison.Ordinal);
        Assert.Equal((System.Net.HttpStatusCode.OK, System.Net.HttpStatusCode.Forbidden), (letters.Status, keys.Status));
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await new Api(installation.Host.Url, key).GetAsync("/v1/dead-letters")).Status);
        Assert.Contains("revoked", last.Output, StringComparison.Ordinal);
        Assert.StartsWith("Last key (409).", locked.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_sends_its_samples_checks_the_crm_and_says_so()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.StartAsync();

        var demo = await installation.RunAsync(
            "demo", "--url", installation.Host.Url, "--sandbox", installation.Sandbox.Url, "--workspaces", installation.Workspaces.Folder);

        output.WriteLine(demo.Output);
        Assert.Equal((0, ""), (demo.ExitCode, demo.Error));
        Assert.Contains("As it should be: 20 deliveries of one lead made one contact, one company, one deal, one note", demo.Output, StringComparison.Ordinal);
    }
}
