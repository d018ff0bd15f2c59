namespace CrmGrains.Runtime.Mailboxes;

internal static class MailboxSql
{
    /// <summary>
    /// Whether there is something that <see cref="Claim"/> would take, of the silo's own or of others'; whether there is anything else; and which
    /// partitions are others'. Takes no lock. Parameters as for <see cref="Claim"/>.
    /// </summary>
    public const string Peek = """
        SELECT bool_or(p.silo = $1 OR p.silo IS NULL OR m.sent_at < clock_timestamp() - $3 OR t.due_at < clock_timestamp() - $3)
                   FILTER (WHERE (m.id IS NOT NULL OR t.due_at IS NOT NULL) AND (p.workspace IS NULL OR NOT ARRAY[p.workspace, p.workspace || '/' || p.source] && $2)),
               bool_or((m.id IS NOT NULL OR t.due_at IS NOT NULL) AND (p.workspace IS NULL OR NOT ARRAY[p.workspace, p.workspace || '/' || p.source] && $2)),
               array_agg(p.id) FILTER (WHERE p.silo <> $1)
        FROM partition p
        LEFT JOIN LATERAL (
            SELECT x.id, x.sent_at FROM message x
            WHERE x.partition = p.id AND x.id > greatest(p.mark, CASE WHEN p.id < 1000 THEN ($4)[p.id + 1] ELSE ($5)[p.id - 999] END)
            ORDER BY x.id LIMIT 1) m ON true
        LEFT JOIN LATERAL (SELECT x.due_at FROM timer x WHERE x.partition = p.id AND x.due_at <= now() ORDER BY x.due_at LIMIT 1) t ON true
        """;

    /// <summary>The highest id that a message was given so far. Runs before <see cref="Claim"/>, which gives the transaction its own id.</summary>
    public const string Drawn = "SELECT last_value FROM message_id";

    /// <summary>
    /// Takes up to $7 partitions of a kind that have something to do, by turns: its own, or where $9 other silos', those whose oldest
    /// message has waited $3 and that nobody noted to serve for $10, so that caches stay warm and a silo that is gone is replaced. $1 silo,
    /// $2 workspaces and sources (workspace/source) held back, $4 and $5 the marks of the mailboxes and of the intake queues, by number, $6 kind, $8 the last one of the
    /// turn before.
    /// </summary>
    public const string Claim = """
        SELECT p.id, p.kind, p.source, p.silo, p.mark
        FROM partition p
        WHERE p.kind = $6
          AND (p.workspace IS NULL OR NOT ARRAY[p.workspace, p.workspace || '/' || p.source] && $2)
          AND CASE WHEN $9 THEN p.silo <> $1 AND p.served_at < clock_timestamp() - $10 ELSE p.silo = $1 OR p.silo IS NULL END
          AND ((SELECT NOT $9 OR m.sent_at < clock_timestamp() - $3
                FROM message m
                WHERE m.partition = p.id AND m.id > greatest(p.mark, CASE WHEN p.id < 1000 THEN ($4)[p.id + 1] ELSE ($5)[p.id - 999] END)
                ORDER BY m.id LIMIT 1)
            OR (SELECT true FROM timer t WHERE t.partition = p.id AND t.due_at <= CASE WHEN $9 THEN now() - $3 ELSE now() END ORDER BY t.due_at LIMIT 1))
        ORDER BY p.id <= $8, p.id
        LIMIT $7
        FOR UPDATE OF p SKIP LOCKED
        """;

    /// <summary>
    /// Waits for the partition of another silo whose messages have waited longest, but no less than $3, and takes it. A silo that is busy
    /// claims again within a millisecond of its commit, so whoever wants to share its work has to stand in line. Parameters as for <see cref="Claim"/>.
    /// </summary>
    public const string ClaimInLine = """
        SELECT p.id, p.kind, p.source, p.silo, p.mark
        FROM partition p
        WHERE p.id = (
            SELECT o.id
            FROM partition o
            CROSS JOIN LATERAL (
                SELECT x.sent_at FROM message x
                WHERE x.partition = o.id AND x.id > greatest(o.mark, CASE WHEN o.id < 1000 THEN ($4)[o.id + 1] ELSE ($5)[o.id - 999] END)
                ORDER BY x.id LIMIT 1) m
            WHERE o.silo <> $1 AND (o.workspace IS NULL OR o.workspace <> ALL ($2)) AND m.sent_at < clock_timestamp() - $3
            ORDER BY m.sent_at
            LIMIT 1)
        FOR UPDATE
        """;

    /// <summary>How long <see cref="ClaimInLine"/> waits.</summary>
    public const string WaitInLine = "SET LOCAL lock_timeout = '200ms'";

    /// <summary>
    /// Takes those of the mailboxes $2, with their marks $3, that are the silo's own ($1), that nobody has and in which nothing waits. What was committed before
    /// this statement is seen, so nothing that our own batch's messages must follow is overlooked. The message is a value: of a condition that none
    /// exists the planner may make a join, which read a source's whole queue for each mailbox once a vacuum had counted the table as empty.
    /// </summary>
    public const string ClaimIdle = """
        SELECT p.id, p.kind, p.source, p.silo, p.mark
        FROM unnest($2, $3) AS k (id, mark)
        JOIN partition p ON p.id = k.id
        WHERE (p.silo = $1 OR p.silo IS NULL)
          AND (SELECT m.id FROM message m WHERE m.partition = p.id AND m.id > greatest(p.mark, k.mark) ORDER BY m.id LIMIT 1) IS NULL
        ORDER BY p.id
        FOR UPDATE OF p SKIP LOCKED
        """;

    /// <summary>
    /// Takes the oldest messages of the claimed partitions out, with the event or the delivery that they speak of. A row is never updated, so its ctid
    /// holds; deleting by it leaves the planner no choice. Of a partition only its oldest messages are taken, so what is left of it is
    /// newer. $1 partitions, $2 marks, $3 limits, $4 most of all.
    /// </summary>
    public const string Pop = """
        WITH popped AS (
            DELETE FROM message WHERE ctid = ANY (ARRAY(
                SELECT m.ctid
                FROM unnest($1, $2, $3) AS p (id, mark, most)
                CROSS JOIN LATERAL (
                    SELECT x.id, x.ctid FROM message x WHERE x.partition = p.id AND x.id > p.mark ORDER BY x.id LIMIT p.most) m
                ORDER BY m.id
                LIMIT $4))
            RETURNING id, partition, workspace, grain, kind, event_id, body)
        SELECT p.id, p.partition, p.workspace, p.grain, p.kind, p.event_id, p.body, e.body, r.body, r.received_at,
               pg_snapshot_xmin(pg_current_snapshot()), pg_current_xact_id()
        FROM popped p
        LEFT JOIN event e ON e.event_id = CASE p.kind WHEN 'event_received' THEN p.event_id END
        LEFT JOIN raw_event r ON r.event_id = CASE WHEN p.kind IN ('delivery_received', 'delivery_replayed') THEN p.event_id END
        ORDER BY p.id
        """;

    /// <summary>Takes timers that are due out; they are handled as messages after those of the mailbox. $1 partitions, $2 most.</summary>
    public const string PopTimers = """
        WITH due AS (
            DELETE FROM timer WHERE ctid = ANY (ARRAY(
                SELECT t.ctid FROM timer t WHERE t.partition = ANY ($1) AND t.due_at <= now() ORDER BY t.due_at, t.grain, t.name LIMIT $2))
            RETURNING partition, grain, name, event_id, due_at)
        SELECT partition, grain, name, event_id, due_at FROM due ORDER BY due_at, grain, name
        """;

    /// <summary>The instant from which the batch has its partitions.</summary>
    public const string Now = "SELECT clock_timestamp()";

    /// <summary>Sends messages, in order. $1 partitions, $2 workspaces, $3 grains, $4 kinds, $5 events, $6 bodies.</summary>
    public const string Send = """
        INSERT INTO message (partition, workspace, grain, kind, event_id, body)
        SELECT m.partition, m.workspace, m.grain, m.kind, m.event_id, m.body
        FROM unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY AS m (partition, workspace, grain, kind, event_id, body, place)
        ORDER BY m.place
        """;

    /// <summary>Notes who runs the partitions and how far they are. $1 ids, $2 silo, $3 positions, $4 hashes, $5 marks.</summary>
    public const string Note = """
        UPDATE partition p
        SET silo = $2, served_at = clock_timestamp(), head_position = n.position, head_hash = n.hash, mark = greatest(p.mark, n.mark)
        FROM unnest($1, $3, $4, $5) AS n (id, position, hash, mark)
        WHERE p.id = n.id
        """;

    /// <summary>Messages in the grains' mailboxes by workspace, counted up to $1 rows of each mailbox.</summary>
    public const string Depths = """
        SELECT m.workspace, count(*)
        FROM partition p
        CROSS JOIN LATERAL (SELECT x.workspace FROM message x WHERE x.partition = p.id AND x.id > p.mark LIMIT $1) m
        WHERE p.kind = 'mailbox'
        GROUP BY m.workspace
        """;
}
