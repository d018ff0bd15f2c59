using CrmGrains.Core.Grains;

namespace CrmGrains.IntegrationTests.Engine;

public sealed class ReviewTests
{
    private static readonly Effect Open = new Effect.OpenReview("k", "reason", "first");
    private static readonly Effect OpenAgain = new Effect.OpenReview("k", "reason", "second");
    private static readonly Effect Close = new Effect.CloseReview("k", "done");

    [Fact]
    public async Task An_item_that_is_open_is_left_as_it_is()
    {
        await using var cluster = await RunAsync([Open], [OpenAgain]);

        Assert.Equal(["first open"], await ItemsAsync(cluster));
    }

    [Fact]
    public async Task An_item_that_is_opened_and_closed_in_one_batch_is_closed()
    {
        await using var cluster = await RunAsync([Open, Close]);

        Assert.Equal(["first done"], await ItemsAsync(cluster));
    }

    [Fact]
    public async Task An_item_that_is_closed_and_opened_anew_in_one_batch_stays_open()
    {
        await using var cluster = await RunAsync([Open], [Close, OpenAgain]);

        Assert.Equal(["first done", "second open"], await ItemsAsync(cluster));
    }

    private static async Task<TestCluster> RunAsync(params Effect[][] batches)
    {
        var cluster = await TestCluster.CreateAsync();
        var (silo, queue) = (cluster.Silo(turns: new ScriptedTurns()), await cluster.QueueAsync("form"));
        foreach (var effects in batches)
        {
            await cluster.ScriptAsync(queue, "acme/test/one", effects);
            await silo.RunAsync();
        }

        return cluster;
    }

    private static Task<List<string>> ItemsAsync(TestCluster cluster) =>
        cluster.Database.ListAsync<string>("SELECT summary || ' ' || coalesce(resolution, 'open') FROM review ORDER BY opened_at, closed_at");
}
