namespace CrmGrains.IntegrationTests.Engine;

public sealed class SiloTests
{
    [Fact]
    public async Task A_silo_that_is_asked_to_stop_finishes_its_batch_and_starts_no_other()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var queue = await cluster.QueueAsync("form");
        var (running, mayEnd) = (new TaskCompletionSource(), new TaskCompletionSource());
        var turns = new ScriptedTurns { Saw = _ => running.TrySetResult(), Pause = () => mayEnd.Task };
        for (var i = 0; i < 6; i++)
            await cluster.SendAsync(queue, "", "script", "{}");
        var silo = cluster.Silo(options => options.BatchSize = 3, turns);
        await silo.StartAsync();
        await running.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var stopping = silo.StopAsync();
        mayEnd.SetResult();
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(3, await cluster.CountAsync("ledger"));
        Assert.Equal(3, await cluster.CountAsync("message"));
    }

    [Fact]
    public async Task A_silo_that_hangs_in_a_batch_loses_its_partition_and_its_late_commit_fails()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var queue = await cluster.QueueAsync("form");
        var (running, mayEnd) = (new TaskCompletionSource(), new TaskCompletionSource());
        var hanging = cluster.Silo(turns: new ScriptedTurns { Saw = _ => running.TrySetResult(), Pause = () => mayEnd.Task });
        await cluster.SendAsync(queue, "", "script", "{}");
        var hung = hanging.RunAsync();
        await running.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await cluster.Silo(turns: new ScriptedTurns()).StartAsync();
        await cluster.EmptyAsync();
        mayEnd.SetResult();

        await Assert.ThrowsAnyAsync<Exception>(() => hung);
        Assert.Equal(1, await cluster.CountAsync("ledger"));
    }

    [Fact]
    public async Task Intake_is_held_back_while_the_mailboxes_of_its_workspace_are_deep_and_goes_on_afterwards()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var queue = await cluster.QueueAsync("form");
        for (var i = 0; i < 200; i++)
            await cluster.TellAsync(TestCluster.Company($"company{i}.com"));
        var silo = cluster.Silo(options => (options.Workers, options.BatchSize, options.MailboxDepth) = (1, 10, 50), new ScriptedTurns());

        // The first batches find out how deep the mailboxes are; what comes in then has to wait.
        await silo.StartAsync();
        await Eventually.HoldsAsync("the first turns", async () => await cluster.CountAsync("ledger") >= 10);
        await cluster.SendAsync(queue, "", "script", "{}");
        silo.Wakeups.MailboxesFilled();
        await cluster.EmptyAsync();

        var before = await cluster.Database.ValueAsync<long>("""
            SELECT count(*) FROM ledger WHERE kind = 'person_seen' AND began_at < (SELECT began_at FROM ledger WHERE kind = 'script')
            """);
        Assert.True(before >= 150, $"Intake went on when only {before} of 200 turns were done, with a mailbox depth of 50.");
    }

    [Fact]
    public async Task What_comes_for_a_source_whose_batch_is_under_way_is_taken_right_after_it()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var queue = await cluster.QueueAsync("form");
        var (running, mayEnd) = (new TaskCompletionSource(), new TaskCompletionSource());
        var turns = new ScriptedTurns { Saw = _ => running.TrySetResult(), Pause = () => mayEnd.Task };
        // Nobody looks by himself before the test has given up.
        var silo = cluster.Silo(options => options.PollInterval = TimeSpan.FromHours(1), turns);
        await silo.StartAsync();
        await cluster.SendAsync(queue, "", "script", "{}");
        silo.Wakeups.MailboxesFilled([queue]);
        await running.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await cluster.SendAsync(queue, "", "script", "{}");
        silo.Wakeups.MailboxesFilled([queue]);
        mayEnd.SetResult();

        await cluster.EmptyAsync();
        Assert.Equal(2, await cluster.CountAsync("ledger"));
    }

    [Fact]
    public async Task One_signal_for_a_backlog_brings_all_workers_to_it()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var (arrived, both) = (0, new TaskCompletionSource());
        var turns = new ScriptedTurns
        {
            Pause = () => Interlocked.Increment(ref arrived) == 2 ? Task.Run(both.SetResult) : both.Task.WaitAsync(TimeSpan.FromSeconds(4)),
        };
        var silo = cluster.Silo(
            options => (options.BatchSize, options.PartitionsPerBatch, options.PollInterval) = (1, 1, TimeSpan.FromSeconds(30)), turns);
        await silo.StartAsync();
        await Eventually.HoldsAsync("two workers that have looked and found nothing", async () => await cluster.Database.ValueAsync<long>("""
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'crmgrains-silo' AND state = 'idle'
            """) == 2);
        foreach (var source in new[] { "one", "two" })
            await cluster.SendAsync(await cluster.QueueAsync(source), "", "script", "{}");

        silo.Wakeups.MailboxesFilled();

        await cluster.EmptyAsync();
        Assert.Equal(2, arrived);
    }
}
