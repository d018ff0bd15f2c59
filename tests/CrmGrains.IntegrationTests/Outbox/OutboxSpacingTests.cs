using static CrmGrains.IntegrationTests.Outbox.OutboxBench;

namespace CrmGrains.IntegrationTests.Outbox;

public sealed class OutboxSpacingTests : IAsyncLifetime
{
    private readonly ScriptedCrm _crm = new();
    private readonly OutboxBench _bench = new();

    public Task InitializeAsync() => _bench.InitializeAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task A_batch_that_is_full_only_of_what_has_to_wait_for_its_records_makes_no_call_before_its_time()
    {
        var options = Options;
        options.FirstSpacing = options.Spacing = options.IdleAfter = TimeSpan.FromHours(10);
        await _bench.StartAsync(_crm, options);
        await _bench.InsertAsync(UpsertContact("ada"), Note(Contact("ada")));
        await _bench.AllEndedAsync();
        var batches = _crm.Batches.Count;

        await _bench.InsertAsync([.. Enumerable.Range(0, 120).Select(number => Note(Contact(number % 20 == 0 ? "ada" : $"stranger-{number}")))]);
        var rows = await _bench.EventuallyAsync("95 notes that wait for their contact", all => all.Count(row => row.State == "blocked") == 95);

        Assert.Equal(25, rows.Count(row => row.State == "waiting"));
        Assert.Equal(batches, _crm.Batches.Count);
    }
}
