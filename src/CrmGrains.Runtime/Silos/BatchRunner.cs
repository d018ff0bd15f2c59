using System.Collections.Concurrent;
using CrmGrains.Core.Faults;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;
using CrmGrains.Runtime.Turns;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Runtime.Silos;

/// <summary>
/// Runs one batch: claims partitions, takes their messages, runs the turns, writes everything and commits, all in one transaction. It
/// doesn't know who called it, so any host of grains could drive the same turns on the same storage.
/// </summary>
internal sealed class BatchRunner(
    Guid silo,
    EngineDatabase database,
    IEnumerable<ITurns> turns,
    Activations activations,
    SiloOptions options,
    IntakeBrake brake,
    Wakeups wakeups,
    SiloMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    private const string Intake = "intake";
    private const int IntakeQueuesPerBatch = 8;
    private const int StateSoftLimitBytes = 16 * 1024;

    private readonly Dictionary<string, ITurns> _turns = turns.ToDictionary(turn => turn.PartitionKind, StringComparer.Ordinal);
    private readonly BatchSplitting _splitting = new();
    private uint _turn;

    // Held from claim to write-back, so that the next owner of a partition within this silo sees the states of the one before.
    private readonly ConcurrentDictionary<int, SemaphoreSlim> _gates = new();

    /// <summary>What there is to do: 2 something for this silo, 1 something that another one may be about to do, 0 nothing.</summary>
    public async Task<int> PeekAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Source.CreateCommand(MailboxSql.Peek);
        command.Parameters.With(NpgsqlDbType.Uuid, silo).Texts(brake.HeldBack).With(NpgsqlDbType.Interval, options.StealAfter);
        return await command.ExecuteScalarAsync(cancellationToken) as int? ?? 0;
    }

    /// <summary>Runs a batch.</summary>
    /// <param name="stopping">Once it is canceled no batch is begun; one that has begun goes on.</param>
    /// <param name="cancellationToken">Ends the batch in the middle; it is rolled back.</param>
    /// <returns>The number of turns; 0 where there was nothing to claim, or where the batch has to be split.</returns>
    public async Task<int> RunAsync(CancellationToken stopping, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        var partitions = await ClaimAsync(connection, cancellationToken);
        if (partitions.Count == 0 || stopping.IsCancellationRequested)
        {
            await ExecuteAsync(connection, "ROLLBACK", cancellationToken);
            return 0;
        }

        CrashPoint.Pass(CrashPoint.BatchAfterClaim);
        var gates = partitions.Keys.Order().Select(id => _gates.GetOrAdd(id, _ => new SemaphoreSlim(1, 1))).ToList();
        foreach (var gate in gates)
            await gate.WaitAsync(CancellationToken.None);
        var messages = new List<MailboxMessage>();
        try
        {
            return await RunAsync(connection, partitions, messages, began, cancellationToken);
        }
        catch (Exception exception)
        {
            // Whether it was committed or not is unknown where the connection broke in the middle of the commit; the rows tell.
            activations.Forget(partitions.Keys);
            var isTransient = SqlState.IsTransient(exception);
            metrics.BatchFailed(isTransient);
            if (isTransient || messages.Count == 0)
                throw;
            logger.BatchSplit(messages.Count, string.Join(", ", messages.Select(message => message.Partition).Distinct()), exception);
            if (!_splitting.Failed(messages, FailureText.Of(exception)))
                throw;
            return 0;
        }
        finally
        {
            foreach (var gate in gates)
                gate.Release();
        }
    }

    private async Task<int> RunAsync(
        NpgsqlConnection connection,
        Dictionary<int, ClaimedPartition> partitions,
        List<MailboxMessage> messages,
        long began,
        CancellationToken cancellationToken)
    {
        var now = await BatchPop.RunAsync(connection, partitions, options.BatchSize, messages, cancellationToken);
        CrashPoint.Pass(CrashPoint.BatchAfterPop);
        if (messages.Count == 0)
        {
            await ExecuteAsync(connection, "ROLLBACK", cancellationToken);
            return 0;
        }

        // Probably there is more, and whoever sent it may have woken one worker only.
        if (messages.Count >= options.BatchSize)
            wakeups.Mailboxes.Signal();

        // A partition that turned out to be empty keeps its last silo: noted as ours, what we have cached of it would pass for fresh.
        var served = messages.Select(message => message.Partition).Distinct().ToDictionary(id => id, id => partitions[id]);
        var running = time.GetTimestamp();
        var rows = new BatchRows(silo, now, served);
        var results = new List<BatchResult>(2);
        var poisoned = _splitting.Poisoned(messages);
        var takenOver = served.Values.Where(partition => partition.LastSilo != silo).Select(partition => partition.Id).ToHashSet();
        foreach (var kind in messages.GroupBy(message => partitions[message.Partition].Kind))
        {
            var batch = new TurnBatch(connection, now, [.. kind], takenOver, poisoned);
            var result = await _turns[kind.Key].RunAsync(batch, cancellationToken);
            rows.Add(result);
            results.Add(result);
        }

        var writing = time.GetTimestamp();
        await using (var batch = new NpgsqlBatch(connection))
        {
            rows.AddStatements(batch);
            CrashPoint.Pass(CrashPoint.BatchBeforeCommit);
            batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
            await batch.ExecuteNonQueryAsync(cancellationToken);
            CrashPoint.Pass(CrashPoint.BatchAfterCommit);
        }

        var done = time.GetTimestamp();
        foreach (var result in results)
            result.Committed?.Invoke();
        _splitting.Committed(messages, Share(partitions.Values.First().Kind, partitions.Count));
        Tell(rows, results, partitions, takenOver);
        metrics.BatchCommitted(
            messages.Count, time.GetElapsedTime(running, writing), time.GetElapsedTime(writing, done), time.GetElapsedTime(began, done));
        return messages.Count;
    }

    private void Tell(BatchRows rows, List<BatchResult> results, Dictionary<int, ClaimedPartition> partitions, HashSet<int> takenOver)
    {
        if (rows.Filled.Count > 0)
            wakeups.MailboxesFilled();
        if (rows.Commands > 0)
            wakeups.CommandsQueued();
        foreach (var partition in takenOver.Where(id => partitions[id].LastSilo is not null))
            metrics.PartitionTakenOver();
        foreach (var turn in results.SelectMany(result => result.Turns))
        {
            metrics.TurnCommitted(turn.Message.Kind, turn.Outcome);
            if (turn.Failure is not null)
                logger.DeadLettered(turn.Message.Id, turn.Message.Kind, turn.Message.Grain, turn.Failure);
        }

        foreach (var state in results.SelectMany(result => result.States).Where(state => state.State.Length > StateSoftLimitBytes))
            logger.LargeState(state.Grain, state.State.Length);
    }

    // A batch is of one kind. Intake and grains take turns: were they claimed together, a deep queue of deliveries would get the share of
    // one small mailbox.
    private async Task<Dictionary<int, ClaimedPartition>> ClaimAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        string[] kinds = [.. _turns.Keys.Order(StringComparer.Ordinal)];
        var first = Interlocked.Increment(ref _turn);
        await using var begin = new NpgsqlBatch(connection);
        begin.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        begin.BatchCommands.Add(new NpgsqlBatchCommand(MailboxSql.Drawn));
        begin.BatchCommands.Add(Claim(kinds[first % (uint)kinds.Length]));
        var drawn = 0L;
        List<ClaimedPartition> claimed;
        await using (var reader = await begin.ExecuteReaderAsync(cancellationToken))
        {
            await reader.ReadAsync(cancellationToken);
            drawn = reader.GetInt64(0);
            await reader.NextResultAsync(cancellationToken);
            claimed = await ReadClaimedAsync(reader, drawn, cancellationToken);
        }

        for (var other = 1u; claimed.Count == 0 && other < kinds.Length; other++)
        {
            await using var again = new NpgsqlBatch(connection);
            again.BatchCommands.Add(Claim(kinds[(first + other) % (uint)kinds.Length]));
            await using var reader = await again.ExecuteReaderAsync(cancellationToken);
            claimed = await ReadClaimedAsync(reader, drawn, cancellationToken);
        }

        return claimed.ToDictionary(partition => partition.Id);
    }

    private NpgsqlBatchCommand Claim(string kind)
    {
        var claim = new NpgsqlBatchCommand(MailboxSql.Claim);
        claim.Parameters
            .With(NpgsqlDbType.Uuid, silo)
            .Texts(brake.HeldBack)
            .With(NpgsqlDbType.Interval, options.StealAfter)
            .With(NpgsqlDbType.Integer, kind == Intake ? Math.Min(options.PartitionsPerBatch, IntakeQueuesPerBatch) : options.PartitionsPerBatch)
            .Text(kind);
        return claim;
    }

    private async Task<List<ClaimedPartition>> ReadClaimedAsync(NpgsqlDataReader reader, long drawn, CancellationToken cancellationToken)
    {
        var rows = new List<(int Id, string Kind, Guid? Silo, long Position, byte[] Hash, long Mark, long Candidate, ulong Xmax)>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add((
                reader.GetInt32(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetGuid(2), reader.GetInt64(3),
                reader.GetFieldValue<byte[]>(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetFieldValue<ulong>(7)));

        var chosen = _splitting.Choose(rows.ConvertAll(row => row.Id));
        return [.. rows.Where(row => chosen.Contains(row.Id)).Select(row => new ClaimedPartition
        {
            Id = row.Id,
            Kind = row.Kind,
            LastSilo = row.Silo,
            HeadPosition = row.Position,
            HeadHash = row.Hash,
            Mark = row.Mark,
            Candidate = row.Candidate,
            CandidateXmax = row.Xmax,
            Drawn = drawn,
            IsSuspect = _splitting.IsSuspect(row.Id),
            Limit = _splitting.Limit(row.Id, Share(row.Kind, chosen.Count)),
        })];
    }

    // Sources share a batch evenly, so that a flood from one doesn't hold up another. Mailboxes share it by age: a busy one gets more than
    // an idle one, and no more are looked at than a few times what is taken.
    private int Share(string kind, int partitions)
    {
        var even = (options.BatchSize + partitions - 1) / partitions;
        return kind == Intake ? even : Math.Max(even, (options.BatchSize + 3) / 4);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
