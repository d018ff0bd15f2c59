namespace CrmGrains.Runtime.Storage;

/// <summary>
/// Which transactions could still commit a message. A snapshot tells which ones run; one that has written something elsewhere and stays open
/// would hold all marks still, although it never sends. What sends has locked the table before it draws a message's id, and keeps the lock
/// to its end: so whoever holds none has sent nothing up to now.
/// </summary>
internal sealed class Senders(EngineDatabase database, TimeProvider time)
{
    // Reading all locks of the server costs a few hundred microseconds; a mark that lags this long costs nothing.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    // The lowest transaction that holds the lock, at most the highest that has ended. Locks name transactions by 32 bits.
    private const string Sql = """
        WITH held AS MATERIALIZED (
            SELECT locktype, database, relation, mode, virtualtransaction, transactionid FROM pg_locks WHERE granted),
        now AS MATERIALIZED (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS xmax)
        SELECT least(now.xmax - 1, (
            SELECT min(now.xmax - ((now.xmax - t.transactionid::text::bigint) & 4294967295))
            FROM held m
            JOIN held t ON t.virtualtransaction = m.virtualtransaction AND t.locktype = 'transactionid' AND t.mode = 'ExclusiveLock'
            WHERE m.locktype = 'relation' AND m.relation = 'message'::regclass AND m.mode = 'RowExclusiveLock'
              AND m.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
              AND ((now.xmax - t.transactionid::text::bigint) & 4294967295) < 2147483648))
        FROM now
        """;

    private long _askedAt;
    private ulong _ended;

    /// <summary>Whether a batch found that a mark waits for a transaction that runs.</summary>
    public bool AreAwaited { get; set; }

    /// <summary>Every transaction below has ended, or has sent nothing when this was asked; asked now and then, and only if it is of use.</summary>
    public async ValueTask<ulong> EndedAsync(CancellationToken cancellationToken)
    {
        var last = Volatile.Read(ref _askedAt);
        var now = time.GetTimestamp();
        if (AreAwaited && (last == 0 || time.GetElapsedTime(last, now) >= Interval) && Interlocked.CompareExchange(ref _askedAt, now, last) == last)
        {
            await using var command = database.Source.CreateCommand(Sql);
            if (await command.ExecuteScalarAsync(cancellationToken) is long ended)
                Volatile.Write(ref _ended, (ulong)ended);
        }

        return Volatile.Read(ref _ended);
    }
}
