using System.Text.Json;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;

namespace CrmGrains.Simulation.Store;

/// <summary>The statements of <see cref="MailboxSql"/>, as PostgreSQL runs them.</summary>
internal static class Statements
{
    public static Peeked Peek(Database database, Reach reach)
    {
        var snapshot = database.Snapshot();
        var (hasWork, hasOthersWork) = (false, false);
        foreach (var partition in database.Partitions.Values)
        {
            if (database.IsEmpty(partition.Id))
                continue;
            var note = partition.In(snapshot);
            if (IsHeldBack(partition, reach))
                continue;
            var oldest = database.Oldest(partition.Id, After(partition, note, reach), snapshot, null);
            var isDue = IsDue(database, partition.Id, snapshot, null, database.Now);
            if (oldest is null && !isDue)
                continue;
            hasOthersWork = true;
            hasWork |= note.Silo == reach.Silo || note.Silo is null || oldest?.SentAt < database.Now - reach.StealAfter
                || IsDue(database, partition.Id, snapshot, null, database.Now - reach.StealAfter);
        }

        var others = database.Partitions.Values.Where(partition => partition.In(snapshot).Silo is { } silo && silo != reach.Silo);
        return new Peeked(hasWork, hasOthersWork, [.. others.Select(partition => partition.Id)]);
    }

    /// <summary>
    /// The lock read: which rows are candidates is judged by the statement's snapshot; what is locked is the newest version of a row, on
    /// which the condition is judged again, its sub-selects still by the snapshot. A row that fails then stays locked.
    /// </summary>
    public static async Task<List<ClaimedPartition>> ClaimAsync(Database database, Session session, Reach reach, string kind, Slice slice)
    {
        var transaction = session.Transaction ?? throw new InvalidOperationException("No transaction.");
        var snapshot = database.Snapshot();
        var claimed = new List<ClaimedPartition>();
        var candidates = database.Partitions.Values
            .Where(partition => partition.Kind == kind && !database.IsEmpty(partition.Id)
                && IsWanted(database, partition, partition.In(snapshot), reach, snapshot, transaction))
            .OrderBy(partition => partition.Id <= slice.Last).ThenBy(partition => partition.Id)
            .ToList();
        if (candidates.Count > 0)
            await session.PauseAsync();
        foreach (var partition in candidates.TakeWhile(_ => claimed.Count < slice.Most))
        {
            if (database.TryLock(partition, transaction) && IsWanted(database, partition, partition.Newest, reach, snapshot, transaction))
                claimed.Add(Claimed(partition));
        }

        return claimed;
    }

    /// <summary>The partition is chosen by the statement's snapshot, and taken however it changed while it waited.</summary>
    public static async Task<List<ClaimedPartition>> ClaimInLineAsync(Database database, Session session, Reach reach)
    {
        const int MostWaits = 20;
        var transaction = session.Transaction ?? throw new InvalidOperationException("No transaction.");
        var snapshot = database.Snapshot();
        var partition = database.Partitions.Values
            .Where(partition => IsWanted(database, partition, partition.In(snapshot), reach with { IsForOthers = true }, snapshot, transaction))
            .MinBy(partition => database.Oldest(partition.Id, After(partition, partition.In(snapshot), reach), snapshot, transaction)?.SentAt);
        if (partition is null)
            return [];
        for (var waits = 0; waits < MostWaits; waits++)
        {
            if (database.TryLock(partition, transaction))
                return [Claimed(partition)];
            await session.PauseAsync();
        }

        database.RollBack(transaction);
        return [];
    }

    public static async Task<List<ClaimedPartition>> ClaimIdleAsync(
        Database database, Session session, Reach reach, IReadOnlyCollection<int> mailboxes)
    {
        var transaction = session.Transaction ?? throw new InvalidOperationException("No transaction.");
        var snapshot = database.Snapshot();
        bool IsIdle(PartitionRow partition, PartitionNote note) => (note.Silo == reach.Silo || note.Silo is null)
            && (database.Planted.HasFlag(Planted.FullMailboxesAreIdle)
                || database.Oldest(partition.Id, Math.Max(note.Mark, reach.Marks.Of(partition.Id).At), snapshot, transaction) is null);

        var candidates = mailboxes.Order().Select(id => database.Partitions[id])
            .Where(partition => IsIdle(partition, partition.In(snapshot))).ToList();
        await session.PauseAsync();
        return
        [
            .. candidates.Where(partition => database.TryLock(partition, transaction) && IsIdle(partition, partition.Newest))
                .Select(partition => Claimed(partition)),
        ];
    }

    /// <summary>Takes messages of partitions of one kind.</summary>
    public static List<MessageRow> Pop(
        Database database, Transaction transaction, Snapshot snapshot, List<ClaimedPartition> partitions, Marks marks, int most)
    {
        var popped = new List<MessageRow>();
        foreach (var partition in partitions)
        {
            if (database.Mailboxes.TryGetValue(partition.Id, out var mailbox))
                popped.AddRange(mailbox
                    .Where(message => message.Id > marks.Of(partition.Id).At && message.IsVisible(snapshot, transaction))
                    .OrderBy(message => message.Id).Take(partition.Limit));
        }

        popped = [.. popped.OrderBy(message => message.Id).Take(most)];
        foreach (var message in popped)
            Delete(database, message, transaction);
        return popped;
    }

    public static List<TimerRow> PopTimers(Database database, Transaction transaction, IEnumerable<ClaimedPartition> partitions, int most)
    {
        var snapshot = database.Snapshot();
        var ids = partitions.Select(partition => partition.Id).ToHashSet();
        var due = database.Timers
            .Where(timer => ids.Contains(timer.Partition) && timer.DueAt <= transaction.BeganAt && timer.IsVisible(snapshot, transaction))
            .OrderBy(timer => timer.DueAt).ThenBy(timer => timer.Grain, StringComparer.Ordinal)
            .ThenBy(timer => timer.Name, StringComparer.Ordinal)
            .Take(most).ToList();
        foreach (var timer in due)
            timer.Deleter = transaction;
        return due;
    }

    /// <summary>A timer as the message that it becomes.</summary>
    public static MailboxMessage Fired(TimerRow timer)
    {
        Message fired = new Message.TimerFired(timer.Name, timer.DueAt);
        return new MailboxMessage
        {
            Id = 0, Partition = timer.Partition, Workspace = "w", Grain = timer.Grain, Kind = fired.Name, Timer = timer.Name,
            EventId = timer.EventId, Body = JsonSerializer.SerializeToUtf8Bytes(fired, CoreJson.Default.Message),
        };
    }

    private static void Delete(Database database, MessageRow message, Transaction transaction)
    {
        message.Deleter = transaction;
        if (!database.Planted.HasFlag(Planted.PopsAreNotRolledBack))
            return;
        var gone = new Transaction(database.Now);
        gone.Committed(0);
        message.Deleter = gone;
    }

    private static bool IsWanted(
        Database database, PartitionRow partition, PartitionNote note, Reach reach, Snapshot snapshot, Transaction transaction)
    {
        var isOthers = note.Silo is not null && note.Silo != reach.Silo;
        if (IsHeldBack(partition, reach) || isOthers != reach.IsForOthers)
            return false;
        var oldest = database.Oldest(partition.Id, After(partition, note, reach), snapshot, transaction);
        return isOthers
            ? note.ServedAt < database.Now - reach.Unserved && (oldest?.SentAt < database.Now - reach.StealAfter
                || IsDue(database, partition.Id, snapshot, transaction, transaction.BeganAt - reach.StealAfter))
            : oldest is not null || IsDue(database, partition.Id, snapshot, transaction, transaction.BeganAt);
    }

    private static bool IsHeldBack(PartitionRow partition, Reach reach) =>
        partition.Workspace is { } workspace && (reach.HeldBack.Contains(workspace) || reach.HeldBack.Contains($"{workspace}/{partition.Source}"));

    private static bool IsDue(Database database, int partition, Snapshot snapshot, Transaction? self, DateTimeOffset now) =>
        database.Timers.Exists(timer => timer.Partition == partition && timer.DueAt <= now && timer.IsVisible(snapshot, self));

    private static long After(PartitionRow partition, PartitionNote note, Reach reach) =>
        Math.Max(note.Mark, reach.Marks.Of(partition.Id).At);

    private static ClaimedPartition Claimed(PartitionRow partition) => new()
    {
        Id = partition.Id, Kind = partition.Kind, Source = partition.Source, NotedSilo = partition.Newest.Silo,
        NotedMark = partition.Newest.Mark,
    };
}
