using System.Net;
using CrmGrains.IntegrationTests.EndToEnd;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Gateway;

/// <summary>A source that is paused: everything is accepted, nothing is handled, and afterwards everything is, in order.</summary>
public sealed class PausedSourceTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Deliveries_of_a_paused_source_wait_while_others_go_on_and_are_handled_once_it_goes_on()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        installation.Workspaces.Change("    format: stripe\n", "    format: stripe\n    paused: true\n");
        await installation.StartAsync();

        var parked = await installation.Sender.SendAsync(A.InvoicePaid);
        var again = await installation.Sender.SendAsync(A.InvoicePaid);
        var refused = await installation.Sender.TryAsync(A.InvoicePaid, "whsec_other");
        var lead = await installation.Sender.SendAsync(A.Lead);
        await installation.UntilAsync("the other source's event to be done", async () =>
            (await installation.Api.TraceAsync(lead.EventId)).GetProperty("status").GetString() == "completed");

        Assert.Equal((parked.EventId, true, HttpStatusCode.Unauthorized), (again.EventId, again.IsDuplicate, refused.Status));
        Assert.Equal([parked.EventId], await installation.Database.ListAsync<Guid>("SELECT event_id FROM message"));
        await installation.UntilAsync("a gauge of what waits", async () =>
            (await installation.Api.GetAsync("/metrics")).Text.Contains("backlog{queue=\"intake_paused\"} 1", StringComparison.Ordinal));

        installation.Workspaces.Change("    paused: true\n", "    paused: false\n");
        await installation.QuietAsync();
        // Done but for the welcome, which a person approves.
        Assert.Equal("in_review", (await installation.Api.TraceAsync(parked.EventId)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task What_waited_is_handled_in_its_order_and_once()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var (paused, open) = (await cluster.QueueAsync("paused"), await cluster.QueueAsync("open"));
        cluster.Paused = [$"{TestCluster.Workspace}/paused"];
        var silo = cluster.Silo(options => options.BatchSize = 3, new ScriptedTurns());
        for (var number = 0; number < 10; number++)
        {
            await cluster.ScriptAsync(paused, "acme/company/a.test");
            await cluster.ScriptAsync(open, "acme/company/b.test");
        }

        Assert.Equal(10, await silo.RunUntilIdleAsync());
        Assert.Equal((10, 0), (await cluster.CountAsync("message", $"partition = {paused}"), await cluster.CountAsync("message", $"partition = {open}")));

        cluster.Paused = [];
        Assert.Equal(10, await silo.RunUntilIdleAsync());
        var handled = await cluster.Database.ListAsync<long>("SELECT message_id FROM ledger WHERE partition = $1 ORDER BY position", paused);
        Assert.Equal(handled.Order().Distinct(), handled);
        Assert.Equal(10, handled.Count);
    }
}
