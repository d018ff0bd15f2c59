using CrmGrains.Core.Grains;

namespace CrmGrains.IntegrationTests.Engine;

public sealed class TimerTests
{
    private const string Grain = "acme/test/one";

    private static readonly DateTimeOffset Past = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Future = new(2199, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_timer_fires_once()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var (silo, queue) = (cluster.Silo(turns: new ScriptedTurns()), await cluster.QueueAsync("form"));
        await cluster.ScriptAsync(queue, "", new Effect.SetTimer("dunning", Past));

        await silo.RunUntilIdleAsync();
        await silo.RunUntilIdleAsync();

        Assert.Equal(["script", "timer_fired"], await KindsAsync(cluster));
        Assert.Contains("\"timer\":\"dunning\"", await cluster.Database.ValueAsync<string>(
            "SELECT detail FROM ledger WHERE kind = 'timer_fired'"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_timer_of_the_same_name_is_replaced_and_of_another_grain_is_not()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var (silo, queue) = (cluster.Silo(turns: new ScriptedTurns()), await cluster.QueueAsync("form"));
        await cluster.ScriptAsync(queue, Grain, new Effect.SetTimer("dunning", Future));
        await cluster.ScriptAsync(queue, "acme/test/two", new Effect.SetTimer("dunning", Future));
        await silo.RunUntilIdleAsync();
        await cluster.ScriptAsync(queue, Grain, new Effect.SetTimer("dunning", Past));
        await silo.RunUntilIdleAsync();

        Assert.Equal(["script", "script", "script", "timer_fired"], await KindsAsync(cluster));
        Assert.Equal(["acme/test/two"], await cluster.Database.ListAsync<string>("SELECT grain FROM timer"));
    }

    [Fact]
    public async Task A_canceled_timer_does_not_fire_and_the_last_word_of_a_batch_counts()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var (silo, queue) = (cluster.Silo(turns: new ScriptedTurns()), await cluster.QueueAsync("form"));
        await cluster.ScriptAsync(queue, Grain, new Effect.SetTimer("kept", Future), new Effect.SetTimer("canceled", Future));
        await silo.RunUntilIdleAsync();
        await cluster.ScriptAsync(queue, Grain, new Effect.CancelTimer("canceled"), new Effect.CancelTimer("kept"));
        await cluster.ScriptAsync(queue, Grain, new Effect.SetTimer("kept", Past), new Effect.SetTimer("never", Past));
        await cluster.ScriptAsync(queue, Grain, new Effect.CancelTimer("never"));
        await silo.RunUntilIdleAsync();

        Assert.Equal(["script", "script", "script", "script", "timer_fired"], await KindsAsync(cluster));
        Assert.Equal(0, await cluster.CountAsync("timer"));
    }

    [Fact]
    public async Task A_timer_survives_the_silo_that_set_it_and_wakes_the_next_one()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var queue = await cluster.QueueAsync("form");
        var due = await cluster.Database.ValueAsync<DateTime>("SELECT now() + interval '0.3 s'");
        var dueAt = new DateTimeOffset(due);
        await using (var first = cluster.Silo(turns: new ScriptedTurns()))
        {
            await cluster.ScriptAsync(queue, Grain, new Effect.SetTimer("dunning", dueAt));
            await first.RunAsync();
        }

        var next = cluster.Silo(options => options.PollInterval = TimeSpan.FromMilliseconds(50), new ScriptedTurns());
        await next.StartAsync();

        await Eventually.HoldsAsync("the turn of the timer", async () => await cluster.CountAsync("ledger") == 2);
        Assert.True(await cluster.Database.ValueAsync<bool>("SELECT bool_and(began_at >= $1) FROM ledger WHERE kind = 'timer_fired'", due));
    }

    private static Task<List<string>> KindsAsync(TestCluster cluster) =>
        cluster.Database.ListAsync<string>("SELECT kind FROM ledger ORDER BY partition, position");
}
