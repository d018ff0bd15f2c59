using CrmGrains.Runtime.Ledger;
using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Runtime.Mailboxes;

/// <summary>Takes messages and timers out of the partitions that a transaction has claimed.</summary>
internal static class BatchPop
{
    /// <summary>Takes what there is.</summary>
    /// <param name="connection">The transaction.</param>
    /// <param name="claimed">Claimed by it; their heads are read. One that is suspect comes alone, its timers apart from its messages.</param>
    /// <param name="marks">Where the scans start.</param>
    /// <param name="most">Most messages of intake queues, most of mailboxes, and most timers; the oldest first.</param>
    /// <param name="drawn">The highest message id that was drawn before this transaction had an id.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<Popped> RunAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<ClaimedPartition> claimed,
        Marks marks,
        int most,
        long drawn,
        CancellationToken cancellationToken)
    {
        var popped = new Popped { Drawn = drawn };
        if (!claimed.Any(partition => partition.IsSuspect))
        {
            await ReadAsync(connection, claimed, [.. Pops(claimed, marks, most), PopTimers(claimed, most)], popped, cancellationToken);
            return popped;
        }

        // Timers first: there are few of them, and messages may never end.
        var timers = PopTimers(claimed, claimed.Min(partition => partition.Limit));
        await ReadAsync(connection, claimed, [timers], popped, cancellationToken);
        if (popped.Timers.Count == 0)
            await ReadAsync(connection, claimed, [.. Pops(claimed, marks, most)], popped, cancellationToken);
        return popped;
    }

    // One for each kind, so that a deep queue of deliveries doesn't take the place of a mailbox's messages.
    private static IEnumerable<NpgsqlBatchCommand> Pops(IReadOnlyCollection<ClaimedPartition> claimed, Marks marks, int most)
    {
        foreach (var kind in claimed.GroupBy(partition => partition.Kind))
        {
            var pop = new NpgsqlBatchCommand(MailboxSql.Pop);
            pop.Parameters
                .Ints([.. kind.Select(partition => partition.Id)])
                .Longs([.. kind.Select(partition => marks.Of(partition.Id).At)])
                .Ints([.. kind.Select(partition => partition.Limit)])
                .Int(most);
            yield return pop;
        }
    }

    private static NpgsqlBatchCommand PopTimers(IReadOnlyCollection<ClaimedPartition> claimed, int most)
    {
        var pop = new NpgsqlBatchCommand(MailboxSql.PopTimers);
        pop.Parameters.Ints([.. claimed.Select(partition => partition.Id)]).Int(most);
        return pop;
    }

    private static async Task ReadAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<ClaimedPartition> claimed,
        NpgsqlBatchCommand[] pops,
        Popped popped,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(LedgerHeads.Statement(claimed));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(MailboxSql.Now));
        foreach (var pop in pops)
            batch.BatchCommands.Add(pop);

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await LedgerHeads.ReadAsync(reader, claimed, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        popped.Now = reader.GetFieldValue<DateTimeOffset>(0);
        var sources = new Dictionary<int, string?>(claimed.Count);
        foreach (var partition in claimed)
        {
            partition.BeganAt = popped.Now;
            sources[partition.Id] = partition.Source;
        }

        foreach (var pop in pops)
        {
            await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                if (pop.CommandText == MailboxSql.Pop)
                    Read(reader, popped, sources);
                else
                    popped.Timers.Add(TimerMessage.Read(reader));
            }
        }
    }

    private static void Read(NpgsqlDataReader reader, Popped popped, Dictionary<int, string?> sources)
    {
        popped.Messages.Add(new MailboxMessage
        {
            Id = reader.GetInt64(0),
            Partition = reader.GetInt32(1),
            Source = sources[reader.GetInt32(1)],
            Workspace = reader.GetString(2),
            Grain = reader.GetString(3),
            Kind = reader.GetString(4),
            EventId = reader.IsDBNull(5) ? null : reader.GetGuid(5),
            Body = reader.GetFieldValue<byte[]>(6),
            Event = !reader.IsDBNull(7) ? reader.GetFieldValue<byte[]>(7) : reader.IsDBNull(8) ? null : reader.GetFieldValue<byte[]>(8),
            ReceivedAt = reader.IsDBNull(9) ? null : reader.GetFieldValue<DateTimeOffset>(9),
        });

        // Each kind is popped by a statement of its own: what ended between the two wasn't seen by the first.
        var ended = reader.GetFieldValue<ulong>(10);
        popped.Ended = popped.Transaction == 0 ? ended : Math.Min(popped.Ended, ended);
        popped.Transaction = reader.GetFieldValue<ulong>(11);
    }
}
