using System.Globalization;
using System.Text.Json;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>The demo's sequence about unpaid invoices, with seconds instead of days.</summary>
public sealed class SequenceTests(ITestOutputHelper output)
{
    private static readonly object Elena = new { email = "ops@example.com", full_name = "Elena Moretti" };

    [Fact]
    public async Task Steps_come_at_their_times_until_the_customer_pays_and_what_was_proposed_is_withdrawn()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        installation.Workspaces.Change("    quiet: {from: \"20:00\", to: \"08:00\", days: [sat, sun], time_zone: Europe/Berlin}\n", "");
        installation.Workspaces.Change("      - after: 1d\n", "      - after: 1s\n");
        installation.Workspaces.Change("      - after: 3d\n", "      - after: 2s\n");
        var silo = await installation.ServeAsync();
        await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();

        await installation.Sender.SendAsync(Event("payment.failed", "failed"));
        await installation.UntilAsync("the second step", async () => (await TasksAsync(installation)).Contains("Call about invoice EO-2"));
        await installation.QuietAsync();
        Assert.Equal(
            ["Call about invoice EO-2", "Check the failed payment of Elena Moretti", "Invoice EO-2 is unpaid for a day"], await TasksAsync(installation));
        Assert.Equal(1, await TimersAsync(installation));
        Assert.Equal(["open"], await ProposedAsync(installation));

        // Whoever comes next finds the timer where it was.
        await silo.DisposeAsync();
        await installation.ServeAsync();
        await installation.Sender.SendAsync(Event("invoice.paid", "paid"));
        await installation.QuietAsync();

        Assert.Equal(0, await TimersAsync(installation));
        Assert.Equal(["sequence_stopped"], await ProposedAsync(installation));
        Assert.DoesNotContain("Decide about invoice EO-2", await TasksAsync(installation));
        Assert.Empty(installation.Host.Errors());
    }

    private static async Task<IReadOnlyList<string>> TasksAsync(Installation installation) =>
        [.. (await installation.Crm.ReadAsync()).Tasks.Select(task => task["hs_task_subject"] ?? "").Where(task => !task.StartsWith("Start onboarding", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static Task<long> TimersAsync(Installation installation) =>
        installation.Database.ValueAsync<long>("SELECT count(*) FROM timer WHERE name LIKE 'sequence/%'");

    private static async Task<IReadOnlyList<string>> ProposedAsync(Installation installation) => await installation.Database.ListAsync<string>(
        "SELECT coalesce(resolution, 'open') FROM review WHERE proposal::jsonb ->> 'name' = 'second_reminder'");

    private static Post Event(string type, string id) => new("automation", id, JsonSerializer.SerializeToUtf8Bytes(new
    {
        id,
        type,
        timestamp = TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture),
        data = new { contact = Elena, invoice = new { id = "inv_2", number = "EO-2", amount = 129, currency = "USD", attempts = 1 } },
    }));
}
