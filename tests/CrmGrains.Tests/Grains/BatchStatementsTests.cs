using CrmGrains.Core.Commands;
using CrmGrains.Core.Grains;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Silos;
using CrmGrains.Runtime.Turns;
using Npgsql;

namespace CrmGrains.Tests.Grains;

/// <summary>How a batch queues its commands: in order, and without looking for what can't be there.</summary>
public sealed class BatchStatementsTests
{
    private const int Mailbox = 7;

    private static readonly Guid Event = new("00000001-0000-0000-0000-000000000000");
    private static readonly Guid Other = new("00000002-0000-0000-0000-000000000000");

    [Fact]
    public void Commands_are_queued_in_the_order_of_the_turns_what_waited_then_what_was_forwarded_then_timers() => Assert.Equal(
        [("waited", true), ("forwarded", false), ("fired", true)],
        Queued(Turn("waited"), Turn("forwarded", isForwarded: true), Turn("fired", timer: "later")));

    [Fact]
    public void An_event_that_was_stored_in_the_batch_asked_for_nothing_before_so_nothing_is_looked_for() =>
        Assert.Equal([("one", false), ("two", false)], Queued(Turn("one", isForwarded: true), Turn("two", isForwarded: true, about: Other)));

    [Fact]
    public void What_one_turn_asks_for_twice_is_looked_for() =>
        Assert.Equal([("same", true), ("same", true)], Queued(Turn("same", isForwarded: true, times: 2)));

    [Fact]
    public void What_is_asked_for_in_the_name_of_an_earlier_event_is_looked_for_and_the_order_stays() => Assert.Equal(
        [("new", true), ("earlier", true), ("newer", true)],
        Queued(Turn("new", isForwarded: true), Turn("earlier", isForwarded: true, inTheNameOf: Other), Turn("newer", isForwarded: true)));

    private static IEnumerable<(string Task, bool IsLookedFor)> Queued(params TurnResult[] turns)
    {
        var rows = new BatchRows(Guid.Empty, new Dictionary<int, ClaimedPartition>
        {
            [Mailbox] = new() { Id = Mailbox, Kind = PartitionKind.Mailbox, HeadHash = new byte[32] },
        });
        rows.Add(new BatchResult(turns, [], []));
        using var batch = new NpgsqlBatch();
        BatchStatements.Add(batch, rows);
        return [.. from NpgsqlBatchCommand statement in batch.BatchCommands
            where statement.CommandText.StartsWith("INSERT INTO command", StringComparison.Ordinal)
            from operation in (string[])(statement.Parameters[7].Value ?? Array.Empty<string>())
            select (operation["create_".Length..], statement.CommandText.EndsWith("ON CONFLICT DO NOTHING", StringComparison.Ordinal))];
    }

    private static TurnResult Turn(
        string operation, bool isForwarded = false, string? timer = null, int times = 1, Guid? about = null, Guid? inTheNameOf = null) => new()
    {
        Message = new MailboxMessage
        {
            Id = 1, Partition = Mailbox, Workspace = "acme", Grain = "acme/customer/a", Kind = "event_received", EventId = about ?? Event, Timer = timer,
            Body = "{}"u8.ToArray(), Parsed = isForwarded ? A.Received(A.Lead) : null,
        },
        EventId = about ?? Event,
        Version = 1,
        Outcome = "update",
        Configuration = "0",
        Detail = "{}"u8.ToArray(),
        Effects = [.. Enumerable.Repeat(new Effect.Enqueue(1, new CrmCommand.CreateTask(operation, "", "", A.Noon, "low", null, []), inTheNameOf), times)],
        CrmAccount = "acme/main",
    };
}
