using CrmGrains.IntegrationTests.Engine;
using CrmGrains.Intake.Identity;

namespace CrmGrains.IntegrationTests.Identity;

public sealed class CustomerMergeTests
{
    [Fact]
    public async Task A_merge_moves_identifiers_and_fields_and_what_comes_later_follows()
    {
        await using var cluster = await IntakeCluster.CreateAsync();
        var silo = cluster.Silo();
        var (ann, bob) = await TwoAsync(cluster, silo);

        Assert.IsType<MergeOutcome.Done>(await cluster.MergeAsync(bob, ann));
        await silo.RunUntilIdleAsync();
        await cluster.DeliverAsync(1, ("email", "bob@example.com"), ("shop_id", "s1"));
        await silo.RunUntilIdleAsync();

        Assert.Equal(ann, await cluster.CustomerOfAsync("email", "bob@example.com"));
        Assert.Equal(ann, await cluster.CustomerOfAsync("external:shop", "s1"));
        var state = await cluster.StateAsync(ann);
        Assert.Equal(["ann@example.com", "bob@example.com"], state.GetProperty("emails").EnumerateArray().Select(email => email.GetString()));
        Assert.Equal("+4930111222", state.GetProperty("fields").GetProperty("phone")[0].GetString());
        Assert.Equal(
            ["merge", "merge"],
            await cluster.Database.ListAsync<string>("SELECT outcome FROM ledger WHERE kind IN ('customer_merged', 'customer_absorbed')"));
    }

    [Fact]
    public async Task Undoing_a_merge_gives_both_sides_back_what_they_had_and_leaves_what_came_since()
    {
        await using var cluster = await IntakeCluster.CreateAsync();
        var silo = cluster.Silo();
        var (ann, bob) = await TwoAsync(cluster, silo);
        await cluster.MergeAsync(bob, ann);
        await cluster.DeliverAsync(1, ("email", "bob@example.com"), ("shop_id", "since"));
        await silo.RunUntilIdleAsync();

        Assert.IsType<MergeOutcome.Done>(await cluster.UnmergeAsync(bob));
        await silo.RunUntilIdleAsync();

        Assert.Equal(bob, await cluster.CustomerOfAsync("email", "bob@example.com"));
        Assert.Equal(bob, await cluster.CustomerOfAsync("phone", "+4930111222"));
        Assert.Equal(ann, await cluster.CustomerOfAsync("external:shop", "since"));
        var (annState, bobState) = (await cluster.StateAsync(ann), await cluster.StateAsync(bob));
        Assert.False(annState.GetProperty("fields").TryGetProperty("phone", out _));
        Assert.Equal("+4930111222", bobState.GetProperty("fields").GetProperty("phone")[0].GetString());
        Assert.Equal("Bob", bobState.GetProperty("fields").GetProperty("full_name")[0].GetString());
        Assert.False(bobState.TryGetProperty("merged_into", out _));
        Assert.IsType<MergeOutcome.Refused>(await cluster.UnmergeAsync(bob));
    }

    [Fact]
    public async Task Customers_are_never_merged_in_a_circle_nor_twice()
    {
        await using var cluster = await IntakeCluster.CreateAsync();
        var silo = cluster.Silo();
        var (ann, bob) = await TwoAsync(cluster, silo);
        await cluster.MergeAsync(bob, ann);

        Assert.Equal("merged_the_other_way", Assert.IsType<MergeOutcome.Refused>(await cluster.MergeAsync(ann, bob)).Code);
        Assert.Equal("merged_the_other_way", Assert.IsType<MergeOutcome.Refused>(await cluster.MergeAsync(ann, ann)).Code);
        Assert.Equal("already_merged", Assert.IsType<MergeOutcome.Refused>(await cluster.MergeAsync(bob, ann)).Code);
    }

    [Fact]
    public async Task An_event_whose_identifiers_belong_to_two_customers_is_a_question_that_proposes_their_merge()
    {
        await using var cluster = await IntakeCluster.CreateAsync();
        var silo = cluster.Silo();
        await TwoAsync(cluster, silo);
        await cluster.DeliverAsync(2, ("shop_id", "s9"), ("name", "Cid"));
        await silo.RunUntilIdleAsync();
        var (ann, cid) = (await cluster.CustomerOfAsync("email", "ann@example.com"), await cluster.CustomerOfAsync("external:shop", "s9"));

        await cluster.DeliverAsync(3, ("email", "ann@example.com"), ("shop_id", "s9"));
        await silo.RunUntilIdleAsync();

        var summary = await cluster.Database.ValueAsync<string>("SELECT summary FROM review WHERE reason = 'ambiguous_duplicate_match'");
        Assert.Contains($"merge {cid} into {ann}", summary, StringComparison.Ordinal);
        Assert.Equal(ann, await cluster.Database.ValueAsync<string>("SELECT detail::json->'proposal'->>'survivor' FROM ledger WHERE outcome = 'review'"));
    }

    [Fact]
    public async Task A_merge_made_inside_the_crm_is_followed()
    {
        await using var cluster = await IntakeCluster.CreateAsync();
        var silo = cluster.Silo();
        await cluster.DeliverAsync(0, ("email", "ann@example.com"), ("crm_id", "1"));
        await cluster.DeliverAsync(0, ("email", "bob@example.com"), ("crm_id", "2"));
        await silo.RunUntilIdleAsync();
        var ann = await cluster.CustomerOfAsync("email", "ann@example.com");

        await cluster.DeliverAsync(
            4, ("type", "crm.record.changed"), ("crm_id", "1"),
            ("data", new
            {
                system = "hubspot", @object = "contact", record_id = "1", change = "merged", merged_into = "1", merged_ids = new[] { "2", "3" },
            }));
        await silo.RunUntilIdleAsync();

        Assert.Equal(ann, await cluster.CustomerOfAsync("email", "bob@example.com"));
        Assert.Equal(2, (await cluster.StateAsync(ann)).GetProperty("emails").GetArrayLength());
        Assert.Equal("crm", await cluster.Database.ValueAsync<string>("SELECT reason FROM customer_merge"));
    }

    [Fact]
    public async Task Identifiers_that_are_added_while_their_customer_is_merged_are_never_left_behind()
    {
        await using var cluster = await IntakeCluster.CreateAsync();
        const int Customers = 40;
        var silos = Enumerable.Range(0, 2).Select(_ => cluster.Silo()).ToList();
        await cluster.DeliverAsync([.. Enumerable.Range(0, Customers).SelectMany(Known)]);
        await silos[0].RunUntilIdleAsync();
        foreach (var silo in silos)
            await silo.StartAsync();

        var merges = Task.Run(async () =>
        {
            for (var number = 0; number < Customers; number++)
                Assert.IsType<MergeOutcome.Done>(await cluster.MergeAsync(
                    await cluster.CustomerOfAsync("email", $"b{number}@example.com"), await cluster.CustomerOfAsync("email", $"a{number}@example.com")));
        });
        for (var round = 0; round < 10; round++)
        {
            await cluster.DeliverAsync([.. Enumerable.Range(0, Customers).Select(number => (
                (number + round) % IntakeCluster.Sources,
                new Dictionary<string, object> { ["email"] = $"b{number}@example.com", ["shop_id"] = $"{number}/{round}" }))]);
            silos.ForEach(silo => silo.Wakeups.MailboxesFilled());
        }

        await merges;
        silos.ForEach(silo => silo.Wakeups.MailboxesFilled());
        await Eventually.HoldsAsync("empty mailboxes", async () => await cluster.Database.ValueAsync<long>("SELECT count(*) FROM message") == 0);

        Assert.Equal(Customers, await cluster.Database.ValueAsync<long>("SELECT count(DISTINCT customer) FROM identity"));
        Assert.Equal(Customers * 12, await cluster.Database.ValueAsync<long>("SELECT count(*) FROM identity"));
        Assert.Equal(0, await cluster.Database.ValueAsync<long>("SELECT count(*) FROM review"));
        Assert.Equal(0, await cluster.Database.ValueAsync<long>("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"));

        static IEnumerable<(int, Dictionary<string, object>)> Known(int number) =>
            [(0, new() { ["email"] = $"a{number}@example.com" }), (1, new() { ["email"] = $"b{number}@example.com" })];
    }

    private static async Task<(string Ann, string Bob)> TwoAsync(IntakeCluster cluster, TestSilo silo)
    {
        await cluster.DeliverAsync(0, ("email", "ann@example.com"), ("name", "Ann"));
        await cluster.DeliverAsync(0, ("email", "bob@example.com"), ("name", "Bob"), ("phone", "+4930111222"));
        await silo.RunUntilIdleAsync();
        return (await cluster.CustomerOfAsync("email", "ann@example.com"), await cluster.CustomerOfAsync("email", "bob@example.com"));
    }
}
