using CrmGrains.IntegrationTests.Engine;
using CrmGrains.IntegrationTests.Postgres;
using Npgsql;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>Many leads, a CRM that fails, and processes that die: the result is the same.</summary>
public sealed class FloodTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_thousand_leads_of_four_hundred_people_become_clean_records_although_the_crm_fails_often()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.StartAsync();
        await installation.Crm.FailSometimesAsync(0.05);
        var flood = new Flood(Leads.Generate(seed: 1, count: 1000, people: 400, companies: 60, repeated: 10, invalid: 5));

        await flood.SendAsync(installation.Sender);
        await installation.QuietAsync();

        await flood.IsCarriedOutAsync(installation, installation.Database);
        output.WriteLine($"{await installation.Crm.CallsAsync()} API calls for 1000 leads, with a CRM that fails 5 % of its calls and short waits.");
        Assert.Empty(installation.Host.Errors());
    }

    [Fact]
    public async Task Nothing_that_was_acknowledged_is_lost_or_done_twice_when_the_host_is_killed()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.StartAsync();
        await installation.Crm.FailSometimesAsync(0.05);
        var flood = new Flood(Leads.Generate(seed: 2, count: 300, people: 120, companies: 30, repeated: 10, invalid: 5));
        var isHalfway = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var sending = flood.SendAsync(installation.Sender, accepted =>
        {
            if (accepted == 150)
                isHalfway.TrySetResult();
        });
        await isHalfway.Task;
        await installation.UntilAsync("a first call to the CRM", async () => await installation.Crm.CallsAsync() > 0);
        await installation.Process.KillAsync();
        await installation.StartAsync();
        await sending;
        await installation.QuietAsync();

        await flood.IsCarriedOutAsync(installation, installation.Database);
    }

    [Fact]
    public async Task A_host_that_is_killed_with_its_embedded_postgres_goes_on_where_it_was()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        using var data = new ServerFolder();
        await installation.StartEmbeddedAsync(data.Path);
        var flood = new Flood(Leads.Generate(seed: 3, count: 200, people: 80, companies: 20, repeated: 10, invalid: 5));
        var isHalfway = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var sending = flood.SendAsync(installation.Sender, accepted =>
        {
            if (accepted == 100)
                isHalfway.TrySetResult();
        });
        await isHalfway.Task;
        var orphan = data.Postmaster;
        await installation.Process.KillAsync();
        Assert.True(ServerFolder.IsRunning(orphan), "The server should outlive the host that was killed.");
        await installation.StartEmbeddedAsync(data.Path);
        await sending;

        Assert.NotEqual(orphan, data.Postmaster);
        await using var database = NpgsqlDataSource.Create(EmbeddedConnection(data));
        await installation.QuietAsync(database);
        await flood.IsCarriedOutAsync(installation, database);
        await database.DisposeAsync();
        Assert.Equal(0, await installation.Process.StopAsync());
        Assert.False(File.Exists(data.PostmasterFile), "The server should be stopped with its host.");
    }

    [Fact]
    public async Task Two_silos_and_a_gateway_on_one_database_share_the_work_and_never_run_a_grain_at_once()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        // Neither waits for the other: with the usual patience one of them is quick enough for all of so small a flood.
        installation.Environment["CRMGRAINS__Silo__StealAfter"] = "00:00:00.001";
        await Task.WhenAll(installation.StartAsync("silo"), installation.StartAsync("silo"));
        await installation.StartAsync("gateway,console");
        await installation.Crm.FailSometimesAsync(0.05);
        var flood = new Flood(Leads.Generate(seed: 4, count: 400, people: 150, companies: 30, repeated: 10, invalid: 5));

        await flood.SendAsync(installation.Sender);
        await installation.QuietAsync();

        await flood.IsCarriedOutAsync(installation, installation.Database);
        Assert.Equal(2, await installation.Database.ValueAsync<long>("SELECT count(DISTINCT silo) FROM ledger"));
    }

    [Fact]
    public async Task A_thousand_leads_under_load_cost_sixty_api_calls_at_most()
    {
        await using var installation = await Installation.CreateAsDeliveredAsync(output);
        await installation.StartAsync();
        var flood = new Flood(Leads.Generate(seed: 5, count: 1000, people: 400, companies: 60));

        await flood.SendAsync(installation.Sender);
        await installation.QuietAsync();

        await flood.IsCarriedOutAsync(installation, installation.Database);
        var calls = await installation.Crm.CallsAsync();
        output.WriteLine($"{calls} API calls for 1000 leads:\n{await installation.Crm.CallsByEndpointAsync()}");
        Assert.InRange(calls, 1, 60);
    }

    // The folder says how its server is reached; the role is the one that the host uses.
    private static string EmbeddedConnection(ServerFolder data)
    {
        var lines = File.ReadAllLines(data.PostmasterFile);
        return new NpgsqlConnectionStringBuilder
        {
            Host = lines[4], Port = int.Parse(lines[3], System.Globalization.CultureInfo.InvariantCulture), Database = "crmgrains", Username = "crmgrains",
        }.ConnectionString;
    }
}
