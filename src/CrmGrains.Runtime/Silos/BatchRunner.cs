using System.Collections.Concurrent;
using CrmGrains.Core.Faults;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;
using CrmGrains.Runtime.Turns;
using Microsoft.Extensions.Logging;

namespace CrmGrains.Runtime.Silos;

/// <summary>
/// Runs one batch: claims partitions, takes their messages, runs the turns, writes everything and commits, all in one transaction. It
/// doesn't know who called it, so any host of grains could drive the same turns on the same storage.
/// </summary>
internal sealed class BatchRunner(
    Guid silo,
    IEngineStore store,
    IEnumerable<ITurns> turns,
    Activations activations,
    SiloOptions options,
    IntakeBrake brake,
    Wakeups wakeups,
    SiloMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    private const int QueuesPerBatch = 8;

    // A few at a time, so that several silos share what one has left.
    private const int QueuesTakenOver = 2;
    private const int MailboxesTakenOver = 16;

    // Who serves a partition and knows of others notes it every other second.
    private static readonly TimeSpan Unserved = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<string, ITurns> _turns = turns.ToDictionary(turn => turn.PartitionKind, StringComparer.Ordinal);
    private readonly BatchSplitting _splitting = new();
    private readonly PartitionNotes _notes = new(wakeups, time);
    private readonly Marks _marks = new();
    private Slice _queues = new(Math.Min(options.PartitionsPerBatch, QueuesPerBatch), 0);
    private Slice _mailboxes = new(options.PartitionsPerBatch, 0);
    private long _lookedAt;

    // Held from claim to write-back, so that the next owner of a partition within this silo sees the states of the one before.
    private readonly ConcurrentDictionary<int, SemaphoreSlim> _gates = new();

    private Reach Reach => new(silo, brake.HeldBack, options.StealAfter, _marks);

    /// <summary>Where the scans of a mailbox start.</summary>
    public long MarkOf(int partition) => _marks.Of(partition).At;

    /// <summary>What there is to do, and for whom.</summary>
    /// <param name="isBusy">Whether the silo has work of its own, and takes others' only once it has waited long.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<Peeked> PeekAsync(bool isBusy, CancellationToken cancellationToken) =>
        store.PeekAsync(isBusy ? Patiently(Reach) : Reach, cancellationToken);

    /// <summary>Runs a batch.</summary>
    /// <param name="takesOver">Whether, with nothing of its own to do, it takes what waits for other silos.</param>
    /// <param name="stopping">Once it is canceled no batch is begun; one that has begun goes on.</param>
    /// <param name="cancellationToken">Ends the batch in the middle; it is rolled back.</param>
    /// <returns>The number of turns, 0 also where the batch has to be split; null where there was nothing to claim.</returns>
    public async Task<int?> RunAsync(bool takesOver, CancellationToken stopping, CancellationToken cancellationToken)
    {
        await using var batch = new Batch(await store.BeginAsync(cancellationToken), time.GetTimestamp(), _gates, wakeups);
        var claimed = await ClaimAsync(batch.Transaction, takesOver, cancellationToken);
        if (claimed.Count == 0 || stopping.IsCancellationRequested)
            return null;

        CrashPoint.Pass(CrashPoint.BatchAfterClaim);
        wakeups.AreOurs(claimed.Select(partition => partition.Id));
        await batch.HaveAsync(Choose(claimed));
        try
        {
            return await RunAsync(batch, cancellationToken);
        }
        catch (Exception exception)
        {
            // Whether it was committed or not is unknown where the connection broke in the middle of the commit; the rows tell.
            activations.Forget(batch.Partitions.Keys);
            var isTransient = SqlState.IsTransient(exception);
            metrics.BatchFailed(isTransient);
            if (isTransient || batch.Taken.Count == 0)
                throw;
            logger.BatchSplit(batch.Taken.Count, string.Join(", ", batch.Taken.Select(message => message.Partition).Distinct()), exception);
            if (!_splitting.Failed(batch.Taken, FailureText.Of(exception), batch.HasForwarded))
                throw;
            wakeups.Mailboxes.Signal();
            return 0;
        }
    }

    // A silo with work of its own leaves others theirs, but for what nobody serves any more: two that are both behind would take turns at
    // a mailbox, and each would read its states anew.
    private static Reach Patiently(Reach reach) => reach with { StealAfter = reach.StealAfter * 10 };

    private async Task<List<ClaimedPartition>> ClaimAsync(EngineTransaction transaction, bool takesOver, CancellationToken cancellationToken)
    {
        var claimed = await transaction.ClaimAsync(Reach, _queues, _mailboxes, cancellationToken);
        _queues = _queues.After(claimed, PartitionKind.IntakeQueue);
        _mailboxes = _mailboxes.After(claimed, PartitionKind.Mailbox);
        if (claimed.Count == 0 && takesOver)
        {
            claimed = await transaction.ClaimAsync(
                Reach with { IsForOthers = true }, new Slice(QueuesTakenOver, 0), new Slice(MailboxesTakenOver, 0), cancellationToken);
            return claimed.Count > 0 ? claimed : await transaction.ClaimInLineAsync(Patiently(Reach), cancellationToken);
        }

        if (claimed.Count > 0 && (_lookedAt == 0 || time.GetElapsedTime(_lookedAt) >= BetweenLooks))
        {
            _lookedAt = time.GetTimestamp();
            claimed.AddRange(await transaction.ClaimAsync(
                Reach with { IsForOthers = true, Unserved = Unserved }, _queues with { Last = 0 }, _mailboxes with { Last = 0 }, cancellationToken));
        }

        return claimed;
    }

    private async Task<int> RunAsync(Batch batch, CancellationToken cancellationToken)
    {
        var popped = await batch.Transaction.PopAsync(batch.Partitions.Values, _marks, options.BatchSize, cancellationToken);
        CrashPoint.Pass(CrashPoint.BatchAfterPop);
        batch.Took(popped, options.BatchSize);
        if (batch.Taken.Count == 0)
            return 0;

        if (batch.TakesDeliveries)
            wakeups.TookDeliveries(leavesMore: batch.IsMoreLikely);
        // Probably there is more, and whoever sent it may have woken one worker only.
        if (batch.IsMoreLikely)
            wakeups.Mailboxes.Signal();

        var running = time.GetTimestamp();
        var rows = new BatchRows(silo, batch.Partitions);
        var results = new List<BatchResult>(2);
        await TurnAsync(batch, PartitionKind.IntakeQueue, batch.TakenOf(PartitionKind.IntakeQueue), rows, results, cancellationToken);
        var forwarded = await ForwardAsync(batch, rows, results, cancellationToken);
        var mail = batch.TakenOf(PartitionKind.Mailbox, after: forwarded);
        await TurnAsync(batch, PartitionKind.Mailbox, mail, rows, results, cancellationToken);
        foreach (var partition in batch.Served)
        {
            var mark = _marks.Of(partition.Id).At;
            if (_notes.AreDue(partition, silo, mark))
                rows.Note(partition, mark);
        }

        var writing = time.GetTimestamp();
        CrashPoint.Pass(CrashPoint.BatchBeforeCommit);
        await batch.Transaction.CommitAsync(rows, cancellationToken);
        CrashPoint.Pass(CrashPoint.BatchAfterCommit);
        var done = time.GetTimestamp();

        foreach (var result in results)
            result.Committed?.Invoke();
        foreach (var pop in batch.Pops)
            _marks.Of(pop.Partition).Move(pop.IsDrained, pop.LastId, popped.Drawn, popped.Ended, popped.Transaction);
        _notes.Written(rows.Notes);
        _splitting.Committed(batch.Taken, Share(batch.Partitions.Values.First().Kind, batch.Partitions.Count));
        Tell(batch, rows);
        new BatchReport(metrics, logger).Committed(silo, batch, results);
        metrics.BatchCommitted(
            batch.Taken.Count, time.GetElapsedTime(running, writing), time.GetElapsedTime(writing, done), time.GetElapsedTime(batch.Began, done));
        return batch.Taken.Count + forwarded.Count;
    }

    private async Task TurnAsync(
        Batch batch, string kind, List<MailboxMessage> messages, BatchRows rows, List<BatchResult> results, CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
            return;
        var takenOver = messages.Select(message => message.Partition).Distinct().Where(id => batch.Partitions[id].LastSilo != silo).ToHashSet();
        var result = await _turns[kind].RunAsync(
            new TurnBatch(batch.Transaction, batch.Now, messages, takenOver, _splitting.Poisoned(messages)), cancellationToken);
        rows.Add(result);
        results.Add(result);
    }

    /// <summary>
    /// What intake sends to mailboxes in which nothing waits is handled in the same transaction: the message needs no row, no wake-up, no
    /// second claim and no second commit. The rest is sent. So that a bad message is found, a batch that is being split forwards nothing.
    /// </summary>
    private async Task<List<MailboxMessage>> ForwardAsync(
        Batch batch, BatchRows rows, List<BatchResult> results, CancellationToken cancellationToken)
    {
        var sent = results.SelectMany(result => result.Messages).ToList();
        if (sent.Count == 0 || batch.IsSplit)
        {
            rows.Send(sent);
            return [];
        }

        var others = sent.Where(message => message.Forward is not null).Select(message => message.Partition).Distinct()
            .Where(id => !batch.Partitions.ContainsKey(id)).Order().ToList();
        if (others.Count > 0)
        {
            var (now, idle) = await batch.Transaction.ClaimIdleAsync(Reach, others, cancellationToken);
            foreach (var partition in idle)
                partition.IsDrained = true;
            batch.HaveFree(idle.Where(partition => !_splitting.IsSuspect(partition.Id)), now);
        }

        bool IsForUs(OutgoingMessage message) =>
            message.Forward is not null && batch.Partitions.TryGetValue(message.Partition, out var partition) && partition.IsDrained;

        rows.Send(sent.Where(message => !IsForUs(message)));
        return [.. sent.Where(IsForUs).Select(MailboxMessage.Forwarded)];
    }

    private void Tell(Batch batch, BatchRows rows)
    {
        if (rows.Messages.Count > 0)
            wakeups.MailboxesFilled(rows.Messages.Select(message => message.Partition));
        if (rows.Commands.Count > 0)
            wakeups.CommandsQueued();

        // Partitions that are being split, or healthy ones beside them, were passed over.
        if (batch.IsSplit || _splitting.HasSuspects)
            wakeups.Mailboxes.Signal();
    }

    private List<ClaimedPartition> Choose(List<ClaimedPartition> claimed)
    {
        var chosen = _splitting.Choose(claimed.ConvertAll(partition => partition.Id)).ToHashSet();
        var ours = claimed.Where(partition => chosen.Contains(partition.Id)).ToList();
        foreach (var kind in ours.GroupBy(partition => partition.Kind))
        {
            var share = Share(kind.Key, kind.Count());
            foreach (var partition in kind)
                (partition.IsSuspect, partition.Limit) = (_splitting.IsSuspect(partition.Id), _splitting.Limit(partition.Id, share));
        }

        return ours;
    }

    // Sources share a batch evenly, so that a flood from one doesn't hold up another. Mailboxes share it by age: a busy one gets more than
    // an idle one, and no more are looked at than a few times what is taken.
    private int Share(string kind, int partitions)
    {
        var even = (options.BatchSize + partitions - 1) / partitions;
        return kind == PartitionKind.IntakeQueue ? even : Math.Max(even, (options.BatchSize + 3) / 4);
    }
}
