namespace CrmGrains.Intake.Replays;

internal static class ReplaySql
{
    /// <summary>What is stored of events. $1 ids.</summary>
    public const string Stored = """
        SELECT e.event_id, e.idempotency_key, e.body, e.purged_at IS NOT NULL
        FROM unnest($1) AS wanted (event_id) JOIN event e ON e.event_id = wanted.event_id
        """;

    /// <summary>
    /// Which customers were told of events, or will be by a message that waits. A replay runs while mailboxes are short, so looking through
    /// them costs little. $1 ids.
    /// </summary>
    public const string Told = """
        SELECT l.event_id, l.grain FROM ledger l
        WHERE l.event_id = ANY ($1) AND l.kind = 'event_received' AND l.outcome <> 'dead_lettered'
        UNION
        SELECT m.event_id, m.grain FROM message m WHERE m.event_id = ANY ($1) AND m.kind = 'event_received'
        """;

    /// <summary>Stores the next revision of events. $1 ids, $2 keys, $3 types, $4 occurred, $5 bodies.</summary>
    public const string Revise = """
        UPDATE event e
        SET idempotency_key = n.idempotency_key, event_type = n.event_type, occurred_at = n.occurred_at, body = n.body, purged_at = NULL
        FROM unnest($1, $2, $3, $4, $5) AS n (event_id, idempotency_key, event_type, occurred_at, body)
        WHERE e.event_id = n.event_id
        """;

    /// <summary>Adds to the counts of replays. $1 replays, $2 outcomes, $3 how many.</summary>
    public const string Count = """
        INSERT INTO replay_count (replay, outcome, events)
        SELECT replay, outcome, events FROM unnest($1, $2, $3) AS c (replay, outcome, events)
        """;

    // A delivery and the events that it told of, where they are several.
    private const string ToldOf = "(SELECT r.event_id UNION ALL SELECT e.event_id FROM event e WHERE e.part_of = r.event_id)";

    // Which deliveries a replay means. r is a delivery, j the replay. One that is held goes on when its hold ends.
    private const string IsMeant = $"""
        r.partition = ANY (j.queues) AND r.purged_at IS NULL AND r.received_at < j.to_at
        AND NOT EXISTS (SELECT FROM drift_held h WHERE h.event_id = r.event_id)
        AND (j.from_at IS NULL OR r.received_at >= j.from_at)
        AND (j.event_type IS NULL OR EXISTS (SELECT FROM event t WHERE t.event_id IN {ToldOf} AND t.event_type = j.event_type))
        AND (j.customer IS NULL OR EXISTS (SELECT FROM ledger l WHERE l.event_id IN {ToldOf} AND l.grain = j.customer))
        AND (j.outcome IS NULL OR EXISTS (SELECT FROM {ToldOf} o WHERE j.outcome = (
            SELECT l.outcome FROM ledger l
            WHERE l.event_id = o.event_id AND l.kind IN ('event_received', 'delivery_received', 'delivery_replayed')
            ORDER BY l.outcome = 'pass_on', l.kind = 'event_received' DESC, l.written_at DESC, l.position DESC LIMIT 1)))
        """;

    /// <summary>
    /// Puts the next deliveries into their queues, in the order of their ids, which is that of their arrival, and moves the cursor on: all or
    /// nothing, so none is sent twice or missed, whatever ends in between. $1 replay, $2 most to look at, $3 most to send.
    /// </summary>
    public const string Feed = $$"""
        WITH j AS (SELECT * FROM replay WHERE id = $1 AND state = 'running' AND NOT is_fed FOR UPDATE),
        scanned AS MATERIALIZED (
            SELECT s.* FROM j CROSS JOIN LATERAL (
                SELECT x.event_id, x.partition, x.received_at, x.purged_at FROM raw_event x
                WHERE x.event_id > j.cursor AND x.event_id <= coalesce(j.event_id, j.until) AND x.event_id >= coalesce(j.event_id, j.cursor)
                ORDER BY x.event_id LIMIT $2) s),
        meant AS MATERIALIZED (SELECT r.event_id, r.partition FROM scanned r, j WHERE {{IsMeant}} ORDER BY r.event_id LIMIT $3),
        sent AS (
            INSERT INTO message (partition, workspace, grain, kind, event_id, body)
            SELECT m.partition, j.workspace, '', 'delivery_replayed', m.event_id, '{"replay":' || j.id || '}'
            FROM meant m, j ORDER BY m.event_id)
        UPDATE replay t
        SET fed = t.fed + (SELECT count(*) FROM meant),
            cursor = coalesce(
                (SELECT event_id FROM meant WHERE (SELECT count(*) FROM meant) = $3 ORDER BY event_id DESC LIMIT 1),
                (SELECT event_id FROM scanned ORDER BY event_id DESC LIMIT 1),
                t.cursor),
            is_fed = (SELECT count(*) FROM meant) < $3 AND (SELECT count(*) FROM scanned) < $2
        FROM j WHERE t.id = j.id
        RETURNING (SELECT count(*) FROM meant), t.is_fed
        """;

    /// <summary>The replay that is next.</summary>
    public const string Running = "SELECT id FROM replay WHERE state = 'running' ORDER BY id LIMIT 1";

    /// <summary>
    /// Ends a replay all of whose deliveries were handled. $1 replay.
    /// </summary>
    public const string Complete = """
        UPDATE replay SET state = 'completed', ended_at = now(), total = fed
        WHERE id = $1 AND state = 'running' AND is_fed
          AND fed <= (SELECT coalesce(sum(c.events), 0) FROM replay_count c WHERE c.replay = $1)
        """;

    /// <summary>Messages that wait anywhere, counted up to $1 of each partition.</summary>
    public const string Backlog = """
        SELECT count(*) FROM partition p
        CROSS JOIN LATERAL (SELECT FROM message x WHERE x.partition = p.id AND x.id > p.mark LIMIT $1) m
        """;

    // The filter of a replay that isn't stored yet, as if it were a row.
    private const string Wanted = """
        j AS (SELECT $1::uuid AS event_id, $2::text AS event_type, $3::text AS outcome, $4::text AS customer, $5::timestamptz AS from_at,
                     $6::timestamptz AS to_at, $7::int[] AS queues, $8::uuid AS cursor, $9::uuid AS until),
        meant AS (
            SELECT r.event_id, r.partition, r.received_at, r.body, r.content_type, r.headers FROM j JOIN raw_event r
                ON r.event_id > j.cursor AND r.event_id <= coalesce(j.event_id, j.until) AND r.event_id >= coalesce(j.event_id, j.cursor)
            WHERE {0} ORDER BY r.event_id LIMIT $10)
        """;

    private static readonly string Meant = Wanted.Replace("{0}", IsMeant, StringComparison.Ordinal);

    /// <summary>How many deliveries are meant, by source and type. Parameters: the filter, and most to count.</summary>
    public static readonly string Summary = $"""
        WITH {Meant}
        SELECT p.source, coalesce(e.event_type, ''), count(*)
        FROM meant m JOIN partition p ON p.id = m.partition LEFT JOIN event e ON e.event_id = m.event_id
        GROUP BY 1, 2 ORDER BY 1, 2
        """;

    /// <summary>The first of the deliveries that are meant. Parameters: the filter, and most to read.</summary>
    public static readonly string Sample = $"""
        WITH {Meant}
        SELECT m.event_id, p.source, m.received_at, m.body, m.content_type, m.headers
        FROM meant m JOIN partition p ON p.id = m.partition
        ORDER BY m.event_id
        """;

    /// <summary>The delivery that told of an event. $1 event, $2 workspace.</summary>
    public const string DeliveryOf = "SELECT coalesce((SELECT part_of FROM event WHERE event_id = $1 AND workspace = $2), $1)";

    /// <summary>The intake queues of a workspace, or of one source. $1 workspace, $2 source or null.</summary>
    public const string Queues = "SELECT id FROM partition WHERE workspace = $1 AND ($2::text IS NULL OR source = $2) ORDER BY id";

    /// <summary>Stores a previewed replay.</summary>
    public const string Insert = """
        INSERT INTO replay (event_id, event_type, outcome, customer, from_at, to_at, queues, cursor, until, workspace, source, preview, total, requested_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id
        """;

    /// <summary>$1 replay, $2 who, $3 workspace or null.</summary>
    public const string Start = """
        UPDATE replay SET state = 'running', started_by = $2, started_at = now() WHERE id = $1 AND state = 'previewed' AND ($3::text IS NULL OR workspace = $3)
        """;

    /// <summary>What was sent already is still handled. $1 replay, $2 who, $3 workspace or null.</summary>
    public const string Cancel = """
        UPDATE replay SET state = 'canceled', canceled_by = $2, ended_at = now() WHERE id = $1 AND state IN ('previewed', 'running')
          AND ($3::text IS NULL OR workspace = $3)
        """;

    private const string Columns = """
        SELECT r.id, r.workspace, r.event_id, r.source, r.event_type, r.outcome, r.customer, r.from_at, r.to_at, r.state, r.total, r.fed, r.is_fed,
               r.requested_by, r.requested_at, r.started_by, r.started_at, r.canceled_by, r.ended_at, r.preview,
               (SELECT coalesce(json_object_agg(c.outcome, c.events), '{}')::text
                FROM (SELECT x.outcome, sum(x.events) AS events FROM replay_count x WHERE x.replay = r.id GROUP BY x.outcome) c)
        FROM replay r
        """;

    /// <summary>One replay. $1 its id, $2 workspace or null.</summary>
    public const string Get = $"{Columns} WHERE r.id = $1 AND ($2::text IS NULL OR r.workspace = $2)";

    /// <summary>The newest replays. $1 before which id, $2 how many, $3 workspace or null.</summary>
    public const string List = $"{Columns} WHERE r.id < $1 AND ($3::text IS NULL OR r.workspace = $3) ORDER BY r.id DESC LIMIT $2";
}
