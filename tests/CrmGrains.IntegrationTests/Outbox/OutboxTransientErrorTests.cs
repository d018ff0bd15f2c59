using CrmGrains.IntegrationTests.Faults;
using static CrmGrains.IntegrationTests.Outbox.OutboxBench;

namespace CrmGrains.IntegrationTests.Outbox;

public sealed class OutboxTransientErrorTests : IAsyncLifetime
{
    private readonly ScriptedCrm _crm = new();
    private readonly OutboxBench _bench = new();

    public Task InitializeAsync() => _bench.InitializeAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    // Six, where a command has five attempts: none of them may count.
    [Theory]
    [InlineData("command_attempt", FailingTable.SerializationFailure, "Statement")]
    [InlineData("crm_link", FailingTable.Deadlock, "Commit")]
    [InlineData("command", FailingTable.Deadlock, "Statement")]
    [InlineData("command", FailingTable.SerializationFailure, "Commit")]
    public async Task A_transaction_that_may_be_repeated_is_repeated_without_another_call_or_a_lost_attempt(string table, string sqlState, string at)
    {
        await FailingTable.PrepareAsync(_bench.Database.DataSource);
        await _bench.InsertAsync(UpsertContact("ada"));
        await FailingTable.FailAsync(_bench.Database.DataSource, table, sqlState, Enum.Parse<RaisedAt>(at), most: 6);

        await _bench.StartAsync(_crm);
        await _bench.AllEndedAsync();

        Assert.Single(_crm.Writes);
        Assert.Equal(("succeeded", 1, 1L), (await _bench.RowsAsync()).Select(row => (row.State, row.Attempts, row.Calls)).Single());
        Assert.Equal(1, (await _bench.ToldAsync()).Single().Attempts);
        Assert.True(await FailingTable.RecoverAsync(_bench.Database.DataSource, table) >= 6, "The table failed too seldom.");
    }
}
