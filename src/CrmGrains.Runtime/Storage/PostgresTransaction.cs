using CrmGrains.Runtime.Ledger;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Silos;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Runtime.Storage;

/// <summary>
/// A batch's transaction on PostgreSQL. A claimed partition's row lock is the ownership; the isolation level is READ COMMITTED, so each
/// statement after the claim sees what the owner before us committed.
/// </summary>
internal sealed class PostgresTransaction(NpgsqlConnection connection, ulong ended, Senders senders) : EngineTransaction
{
    private bool _isOpen;
    private long _drawn;

    public override NpgsqlConnection Connection => connection;

    internal override async Task<List<ClaimedPartition>> ClaimAsync(
        Reach reach, Slice queues, Slice mailboxes, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        var begins = !_isOpen;
        if (begins)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(MailboxSql.Drawn));
        }

        batch.BatchCommands.Add(Claim(reach, PartitionKind.IntakeQueue, queues));
        batch.BatchCommands.Add(Claim(reach, PartitionKind.Mailbox, mailboxes));
        _isOpen = true;
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (begins)
        {
            await reader.ReadAsync(cancellationToken);
            _drawn = reader.GetInt64(0);
            await reader.NextResultAsync(cancellationToken);
        }

        var claimed = await ReadClaimedAsync(reader, reach.Marks, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        claimed.AddRange(await ReadClaimedAsync(reader, reach.Marks, cancellationToken));
        return claimed;
    }

    internal override async Task<List<ClaimedPartition>> ClaimInLineAsync(Reach reach, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(MailboxSql.WaitInLine));
        var claim = new NpgsqlBatchCommand(MailboxSql.ClaimInLine);
        claim.Parameters.Reach(reach);
        batch.BatchCommands.Add(claim);
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            return await ReadClaimedAsync(reader, reach.Marks, cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await EndHungReadersAsync(cancellationToken);
            return [];
        }
    }

    // Whoever has the partition may be frozen with an answer half read.
    private async Task EndHungReadersAsync(CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("ROLLBACK"));
        batch.BatchCommands.Add(HungReaders.End());
        await batch.ExecuteNonQueryAsync(cancellationToken);
        _isOpen = false;
    }

    internal override async Task<(DateTimeOffset Now, List<ClaimedPartition> Claimed)> ClaimIdleAsync(
        Reach reach, IReadOnlyCollection<int> mailboxes, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        var claim = new NpgsqlBatchCommand(MailboxSql.ClaimIdle);
        claim.Parameters.With(NpgsqlDbType.Uuid, reach.Silo).Ints(mailboxes).Longs([.. mailboxes.Select(id => reach.Marks.Of(id).At)]);
        batch.BatchCommands.Add(claim);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(MailboxSql.Now));
        batch.BatchCommands.Add(LedgerHeads.Statement(mailboxes));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var claimed = await ReadClaimedAsync(reader, reach.Marks, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var now = reader.GetFieldValue<DateTimeOffset>(0);
        await reader.NextResultAsync(cancellationToken);
        await LedgerHeads.ReadAsync(reader, claimed, cancellationToken);
        return (now, claimed);
    }

    internal override async Task<Popped> PopAsync(
        IReadOnlyCollection<ClaimedPartition> partitions, Marks marks, int most, CancellationToken cancellationToken)
    {
        var popped = await BatchPop.RunAsync(connection, partitions, marks, most, _drawn, cancellationToken);
        popped.Ended = Math.Max(popped.Ended, ended);
        senders.AreAwaited = popped.Messages.Exists(message => !marks.Of(message.Partition).IsProven(popped.Ended));
        return popped;
    }

    internal override async Task<List<StoredState>> StatesAsync(
        IReadOnlyCollection<(int Partition, string Grain)> grains, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(BatchSql.LoadStates, connection);
        command.Parameters.Ints([.. grains.Select(grain => grain.Partition)]).Texts([.. grains.Select(grain => grain.Grain)]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var states = new List<StoredState>(grains.Count);
        while (await reader.ReadAsync(cancellationToken))
            states.Add(new StoredState(reader.GetInt32(0), reader.GetString(1), reader.GetInt64(2), reader.GetFieldValue<byte[]>(3)));
        return states;
    }

    internal override async Task CommitAsync(BatchRows rows, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        BatchStatements.Add(batch, rows);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        _isOpen = false;
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            if (_isOpen && connection.State == System.Data.ConnectionState.Open)
            {
                await using var rollback = new NpgsqlCommand("ROLLBACK", connection);
                await rollback.ExecuteNonQueryAsync(CancellationToken.None);
            }
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
        {
            // The session is gone, and its transaction with it; what broke it was thrown before.
        }

        await connection.DisposeAsync();
    }

    private static NpgsqlBatchCommand Claim(Reach reach, string kind, Slice slice)
    {
        var claim = new NpgsqlBatchCommand(MailboxSql.Claim);
        claim.Parameters.Reach(reach).Text(kind).Int(slice.Most).Int(slice.Last)
            .With(NpgsqlDbType.Boolean, reach.IsForOthers)
            .With(NpgsqlDbType.Interval, reach.Unserved);
        return claim;
    }

    private static async Task<List<ClaimedPartition>> ReadClaimedAsync(NpgsqlDataReader reader, Marks marks, CancellationToken cancellationToken)
    {
        var claimed = new List<ClaimedPartition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var partition = new ClaimedPartition
            {
                Id = reader.GetInt32(0),
                Kind = reader.GetString(1),
                Source = reader.IsDBNull(2) ? null : reader.GetString(2),
                NotedSilo = reader.IsDBNull(3) ? null : reader.GetGuid(3),
            };
            marks.Of(partition.Id).Reach(reader.GetInt64(4));
            claimed.Add(partition);
        }

        return claimed;
    }
}
