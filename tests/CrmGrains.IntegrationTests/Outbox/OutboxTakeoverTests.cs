using CrmGrains.Connectors;
using CrmGrains.Core.Commands;
using static CrmGrains.IntegrationTests.Outbox.OutboxBench;

namespace CrmGrains.IntegrationTests.Outbox;

public sealed class OutboxTakeoverTests : IAsyncLifetime
{
    private const string Holders = """
        FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()
        """;

    private readonly ScriptedCrm _first = new();
    private readonly ScriptedCrm _second = new();
    private readonly OutboxBench _bench = new();

    public Task InitializeAsync() => _bench.InitializeAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task Of_two_outboxes_on_one_account_only_one_works()
    {
        await _bench.StartAsync(_first);
        await HeldAsync();
        await _bench.StartAsync(_second);

        for (var i = 0; i < 20; i++)
        {
            await _bench.InsertAsync(UpsertContact($"c{i}"));
            await _bench.AllEndedAsync();
        }

        Assert.Equal(20, _first.Writes.Count());
        Assert.Empty(_second.Writes);
    }

    [Fact]
    public async Task When_the_holder_loses_its_connection_with_a_write_in_flight_the_other_takes_over_and_the_write_is_booked_once()
    {
        var isInFlight = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _first.Meanwhile = async (_, _) =>
        {
            isInFlight.TrySetResult();
            await answer.Task;
        };
        await _bench.StartAsync(_first);
        await _bench.InsertAsync(UpsertContact("ada"));
        await isInFlight.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("sent", (await _bench.RowsAsync())[0].State);

        await _bench.StartAsync(_second);
        await _bench.ScalarAsync<bool>($"SELECT pg_terminate_backend(l.pid) {Holders}");
        await EventuallyAsync("the second to write", () => Task.FromResult(_second.Writes.Count()), count => count == 1);
        answer.SetResult();
        await _bench.AllEndedAsync();

        var write = _second.Writes.Single();
        Assert.Equal(("event-1", true, 2), (write.EffectKey, write.IsUncertain, write.Attempt));
        Assert.Equal(("succeeded", 2, 1L), (await _bench.RowsAsync()).Select(row => (row.State, row.Attempts, row.Calls)).Single());
        Assert.Equal(2, (await _bench.ToldAsync()).Single().Attempts);

        // The first is well again, and stays out of it while the second holds the account.
        await _bench.InsertAsync(UpsertContact("bob"));
        await _bench.AllEndedAsync();
        Assert.Equal(2, (await _bench.ToldAsync()).Count);
    }

    [Fact]
    public async Task An_outbox_that_is_stopped_books_what_is_in_flight_and_gives_the_account_back()
    {
        var isInFlight = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _first.Meanwhile = async (_, _) =>
        {
            isInFlight.TrySetResult();
            await answer.Task;
        };
        var outbox = await _bench.StartAsync(_first, new() { StopTimeout = TimeSpan.FromHours(1) });
        await _bench.InsertAsync(UpsertContact("ada"));
        await isInFlight.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var stopping = outbox.StopAsync(CancellationToken.None);
        Assert.False(stopping.IsCompleted);
        answer.SetResult();
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal("succeeded", (await _bench.RowsAsync())[0].State);
        Assert.Equal(0, await _bench.ScalarAsync<int>($"SELECT count(*) {Holders}"));
    }

    [Fact]
    public async Task What_was_interrupted_at_every_attempt_goes_to_the_dead_letters_without_another_call()
    {
        await _bench.InsertAsync(UpsertContact("ada"));
        await _bench.ScalarAsync<int>("UPDATE command SET state = 'sent', attempts = 5");

        await _bench.StartAsync(_first);
        await _bench.AllEndedAsync();

        Assert.Empty(_first.Writes);
        Assert.Equal(
            (CommandOutcome.DeadLettered, "interrupted"), (await _bench.ToldAsync()).Select(told => (told.Outcome, told.Error)).Single());
    }

    [Fact]
    public async Task An_interrupted_note_is_looked_for_only_when_its_attempt_can_no_longer_take_effect()
    {
        await _bench.InsertAsync(Note(), UpsertContact("ada"));
        await _bench.ScalarAsync<int>("UPDATE command SET state = 'sent', attempts = 1");

        await _bench.StartAsync(_first, new() { UncertainWait = TimeSpan.FromHours(1) });
        await _bench.EventuallyAsync("the contact to be written", rows => rows[1].State == "succeeded");

        Assert.True(await _bench.ScalarAsync<bool>(
            "SELECT state = 'waiting' AND is_uncertain AND due_at > now() + interval '50 minutes' FROM command WHERE id = 1"));
        Assert.DoesNotContain(_first.Writes, write => write.Command is CrmCommand.WriteNote);
    }

    [Fact]
    public async Task A_command_that_is_committed_after_a_later_one_was_read_is_found_without_a_sweep()
    {
        await _bench.StartAsync(_first, new() { SweepInterval = TimeSpan.FromDays(1) });
        await using var connection = await _bench.Database.DataSource.OpenConnectionAsync();
        await using var late = await connection.BeginTransactionAsync();
        await using (var insert = connection.CreateCommand())
        {
            insert.CommandText = """
                INSERT INTO command (workspace, account, effect_key, grain, partition, object, operation, lane, body)
                VALUES ('acme', 'acme/hubspot', 'late', 'acme/customer/late', 1, 'contact', 'search_then_upsert',
                        'contact:acme/customer/late',
                        '{"command":"upsert_contact","grain":"acme/customer/late","email":["late@example.com"],"fields":{}}')
                """;
            await insert.ExecuteNonQueryAsync();
        }

        for (var i = 0; i < 3; i++)
        {
            await _bench.InsertAsync(UpsertContact($"c{i}"));
            await _bench.AllEndedAsync();
        }

        await late.CommitAsync();
        await _bench.EventuallyAsync("the late command to end", rows => rows.Single(row => row.EffectKey == "late").State == "succeeded");
    }

    private async Task HeldAsync() =>
        await EventuallyAsync(
            "an outbox to hold the account", () => _bench.ScalarAsync<int>($"SELECT count(*) {Holders}"), count => count == 1);
}
