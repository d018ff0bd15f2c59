using CrmGrains.Runtime.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Runtime.Mailboxes;

/// <summary>Takes messages and timers out of the partitions that a transaction has claimed.</summary>
internal static class BatchPop
{
    /// <summary>Takes what there is, the timers after the messages.</summary>
    /// <param name="connection">The transaction.</param>
    /// <param name="partitions">Claimed by it; their marks move. One that is suspect comes alone, its timers apart from its messages.</param>
    /// <param name="most">Most messages to take, the oldest first; and most timers.</param>
    /// <param name="messages">Filled.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The instant from which the batch has its partitions, by the database's clock.</returns>
    public static async Task<DateTimeOffset> RunAsync(
        NpgsqlConnection connection,
        Dictionary<int, ClaimedPartition> partitions,
        int most,
        List<MailboxMessage> messages,
        CancellationToken cancellationToken)
    {
        if (!partitions.Values.Any(partition => partition.IsSuspect))
            return await ReadAsync(connection, [Pop(partitions, most), PopTimers(partitions, most)], partitions, most, messages, cancellationToken);

        // Timers first: there are few of them, and messages may never end.
        var timers = PopTimers(partitions, partitions.Values.Min(partition => partition.Limit));
        var now = await ReadAsync(connection, [timers], partitions, most, messages, cancellationToken);
        return messages.Count > 0 ? now : await ReadAsync(connection, [Pop(partitions, most)], partitions, most, messages, cancellationToken);
    }

    private static NpgsqlBatchCommand Pop(Dictionary<int, ClaimedPartition> partitions, int most)
    {
        var pop = new NpgsqlBatchCommand(MailboxSql.Pop);
        pop.Parameters
            .Ints([.. partitions.Keys])
            .Longs([.. partitions.Values.Select(partition => partition.Mark)])
            .Ints([.. partitions.Values.Select(partition => partition.Limit)])
            .With(NpgsqlDbType.Integer, most);
        return pop;
    }

    private static NpgsqlBatchCommand PopTimers(Dictionary<int, ClaimedPartition> partitions, int most)
    {
        var pop = new NpgsqlBatchCommand(MailboxSql.PopTimers);
        pop.Parameters.Ints([.. partitions.Keys]).With(NpgsqlDbType.Integer, most);
        return pop;
    }

    private static async Task<DateTimeOffset> ReadAsync(
        NpgsqlConnection connection,
        NpgsqlBatchCommand[] pops,
        Dictionary<int, ClaimedPartition> partitions,
        int most,
        List<MailboxMessage> messages,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(MailboxSql.Now));
        foreach (var pop in pops)
            batch.BatchCommands.Add(pop);

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var now = reader.GetFieldValue<DateTimeOffset>(0);
        foreach (var pop in pops)
        {
            await reader.NextResultAsync(cancellationToken);
            if (pop.CommandText == MailboxSql.Pop)
                await ReadMessagesAsync(reader, partitions, most, messages, cancellationToken);
            else
                while (await reader.ReadAsync(cancellationToken))
                    messages.Add(TimerMessage.Read(reader));
        }

        return now;
    }

    private static async Task ReadMessagesAsync(
        NpgsqlDataReader reader,
        Dictionary<int, ClaimedPartition> partitions,
        int most,
        List<MailboxMessage> messages,
        CancellationToken cancellationToken)
    {
        var popped = new Dictionary<int, (int Count, long LastId)>();
        ulong xmin = 0, transaction = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            var message = new MailboxMessage
            {
                Id = reader.GetInt64(0),
                Partition = reader.GetInt32(1),
                Workspace = reader.GetString(2),
                Grain = reader.GetString(3),
                Kind = reader.GetString(4),
                EventId = reader.IsDBNull(5) ? null : reader.GetGuid(5),
                Body = reader.GetFieldValue<byte[]>(6),
                Event = reader.IsDBNull(7) ? null : reader.GetFieldValue<byte[]>(7),
            };
            (xmin, transaction) = (reader.GetFieldValue<ulong>(8), reader.GetFieldValue<ulong>(9));
            messages.Add(message);
            popped[message.Partition] = (popped.GetValueOrDefault(message.Partition).Count + 1, message.Id);
        }

        var isWhole = popped.Values.Sum(partition => partition.Count) < most;
        foreach (var (partition, (count, lastId)) in popped)
            partitions[partition].MoveMark(isWhole && count < partitions[partition].Limit, lastId, xmin, transaction);
    }
}
