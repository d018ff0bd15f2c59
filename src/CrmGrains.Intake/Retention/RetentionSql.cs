namespace CrmGrains.Intake.Retention;

/// <summary>
/// Purges one class of one workspace by one batch. Each statement goes on from where the last one was, in the order of its table's key, and
/// looks again at what was still needed then; rows and cursor are one transaction. $1 workspace, $2 part, $3 older than, $4 most rows,
/// $5 the highest event id that is old enough.
/// </summary>
internal static class RetentionSql
{
    private const string Pending = "OR c.key IN (SELECT event_id FROM pending)";

    /// <summary>Deliveries: their bodies and headers go; id and hash stay.</summary>
    public static readonly string Raw = Step("raw", "uuid", "00000000-0000-0000-0000-000000000000",
        scan: """
            SELECT r.event_id AS key, r.purged_at IS NULL AND r.partition IN (SELECT p.id FROM partition p WHERE p.workspace = $1) AS is_ours
            FROM raw_event r, place WHERE r.event_id > place.key AND r.event_id <= $5 ORDER BY r.event_id LIMIT $4
            """,
        isNeeded: $"event_is_needed(c.key) {Pending}",
        purge: """
            UPDATE raw_event r SET body = '', headers = '{}', purged_at = now()
            FROM candidate c WHERE r.event_id = c.key AND NOT c.is_needed AND r.purged_at IS NULL
            """,
        oldest: "SELECT r.received_at FROM raw_event r, reached WHERE r.event_id > reached.key ORDER BY r.event_id LIMIT 1");

    /// <summary>Normalized events: their bodies go, but for how often they were read; id and key stay.</summary>
    public static readonly string Event = Step("event", "uuid", "00000000-0000-0000-0000-000000000000",
        scan: """
            SELECT e.event_id AS key, e.purged_at IS NULL AND e.workspace = $1 AS is_ours
            FROM event e, place WHERE e.event_id > place.key AND e.event_id <= $5 ORDER BY e.event_id LIMIT $4
            """,
        isNeeded: $"event_is_needed(c.key) {Pending}",
        purge: """
            UPDATE event e SET body = jsonb_strip_nulls(jsonb_build_object('revision', e.body::jsonb -> 'revision'))::text, purged_at = now()
            FROM candidate c WHERE e.event_id = c.key AND NOT c.is_needed AND e.purged_at IS NULL
            """,
        oldest: "SELECT e.occurred_at FROM event e, reached WHERE e.event_id > reached.key ORDER BY e.event_id LIMIT 1");

    /// <summary>Details of ledger entries are erased as the ledger allows it; the chain still verifies. The part is the partition.</summary>
    public static readonly string Details = Step("details", "bigint", "0",
        scan: """
            SELECT l.position AS key, l.workspace = $1 AND l.detail IS NOT NULL AS is_ours
            FROM (SELECT x.* FROM ledger x, place WHERE x.partition = $2 AND x.position > place.key ORDER BY x.position LIMIT $4) l
            WHERE l.written_at < $3
            """,
        isNeeded: """
            (SELECT l.event_id IS NOT NULL AND (event_is_needed(l.event_id) OR l.event_id IN (SELECT event_id FROM pending))
             FROM ledger l WHERE l.partition = $2 AND l.position = c.key)
            """,
        purge: """
            UPDATE ledger l SET detail = NULL, salt = NULL
            FROM candidate c WHERE l.partition = $2 AND l.position = c.key AND NOT c.is_needed AND l.detail IS NOT NULL
            """,
        oldest: "SELECT l.written_at FROM ledger l, reached WHERE l.partition = $2 AND l.position > reached.key ORDER BY l.position LIMIT 1");

    /// <summary>Calls to CRMs, but for those since the oldest command that is still open.</summary>
    public static readonly string Calls = Step("calls", "bigint", "0",
        scan: """
            SELECT l.id AS key, split_part(l.account, '/', 1) = $1 AS is_ours
            FROM (SELECT x.* FROM crm_call x, place WHERE x.id > place.key ORDER BY x.id LIMIT $4) l
            WHERE l.began_at < least($3, (
                SELECT min(o.created_at) FROM command o WHERE o.workspace = $1 AND o.state IN ('waiting', 'blocked', 'sent')))
            """,
        isNeeded: "false",
        purge: "DELETE FROM crm_call l USING candidate c WHERE l.id = c.key",
        oldest: "SELECT l.began_at FROM crm_call l, reached WHERE l.id > reached.key ORDER BY l.id LIMIT 1");

    /// <summary>What ended commands wanted to write; their effect keys and receipts stay, so that nothing is ever done twice.</summary>
    public static readonly string Commands = Step("commands", "bigint", "0",
        scan: """
            SELECT l.id AS key, l.workspace = $1 AS is_ours
            FROM (SELECT x.* FROM command x, place WHERE x.id > place.key ORDER BY x.id LIMIT $4) l
            WHERE l.created_at < $3
            """,
        isNeeded: """
            (SELECT l.state NOT IN ('succeeded', 'discarded') OR l.ended_at IS NULL OR l.ended_at >= $3 FROM command l WHERE l.id = c.key)
            """,
        purge: """
            UPDATE command l SET body = '{}', error_detail = NULL
            FROM candidate c WHERE l.id = c.key AND NOT c.is_needed AND l.body <> '{}'
            """,
        oldest: "SELECT l.created_at FROM command l, reached WHERE l.id > reached.key ORDER BY l.id LIMIT 1");

    /// <summary>Deliveries that were dropped: as <see cref="Raw"/>, and a good deal earlier.</summary>
    public const string Dropped = """
        WITH old AS MATERIALIZED (
            SELECT d.event_id FROM dropped_delivery d WHERE d.workspace = $1 AND d.dropped_at < $3 ORDER BY d.dropped_at, d.event_id LIMIT $4),
        pending AS MATERIALIZED (
            SELECT m.event_id FROM message m WHERE m.event_id IS NOT NULL
            UNION SELECT e.part_of FROM message m JOIN event e ON e.event_id = m.event_id WHERE e.part_of IS NOT NULL),
        candidate AS MATERIALIZED (
            SELECT o.event_id, event_is_needed(o.event_id) OR o.event_id IN (SELECT event_id FROM pending) AS is_needed FROM old o),
        later AS (UPDATE dropped_delivery d SET dropped_at = now() FROM candidate c WHERE d.event_id = c.event_id AND c.is_needed),
        done AS (DELETE FROM dropped_delivery d USING candidate c WHERE d.event_id = c.event_id AND NOT c.is_needed),
        purged AS (
            UPDATE raw_event r SET body = '', headers = '{}', purged_at = now()
            FROM candidate c WHERE r.event_id = c.event_id AND NOT c.is_needed AND r.purged_at IS NULL
            RETURNING 1)
        SELECT (SELECT count(*) FROM purged), (SELECT count(*) FROM old),
               (SELECT d.dropped_at FROM dropped_delivery d WHERE d.workspace = $1 ORDER BY d.dropped_at LIMIT 1)
        """;

    /// <summary>What closed review items, their proposals and their steps hold of a person; that they were answered, by whom and how, stays.</summary>
    public const string Reviews = """
        WITH old AS MATERIALIZED (
            SELECT r.id FROM review r
            WHERE r.workspace = $1 AND r.closed_at IS NOT NULL AND r.purged_at IS NULL AND r.closed_at < $3 ORDER BY r.closed_at, r.id LIMIT $4),
        purged AS (
            UPDATE review r SET proposal = NULL, instead = NULL, asked = NULL, answer_reason = NULL, detail = NULL, purged_at = now()
            FROM old o WHERE r.id = o.id AND r.closed_at IS NOT NULL
            RETURNING 1),
        steps AS (UPDATE review_step s SET text = NULL FROM old o WHERE s.review_id = o.id AND s.text IS NOT NULL)
        SELECT (SELECT count(*) FROM purged), (SELECT count(*) FROM old),
               (SELECT r.closed_at FROM review r
                WHERE r.workspace = $1 AND r.closed_at IS NOT NULL AND r.purged_at IS NULL ORDER BY r.closed_at, r.id LIMIT 1)
        """;

    /// <summary>The workspaces that ever had a source.</summary>
    public const string Workspaces = "SELECT DISTINCT workspace FROM partition WHERE workspace IS NOT NULL ORDER BY workspace";

    /// <summary>The chains in which a workspace may have entries. $1 workspace.</summary>
    public const string Chains = "SELECT id FROM partition WHERE workspace IS NULL OR workspace = $1 ORDER BY id";

    private static string Step(string name, string type, string first, string scan, string isNeeded, string purge, string oldest) => $"""
        WITH place AS (
            SELECT coalesce((SELECT t.cursor FROM retention t WHERE t.workspace = $1 AND t.class = '{name}' AND t.part = $2), '{first}')::{type} AS key),
        scanned AS MATERIALIZED ({scan}),
        due AS MATERIALIZED (
            SELECT d.key::{type} AS key FROM retention_deferred d
            WHERE d.workspace = $1 AND d.class = '{name}' AND d.part = $2 AND d.due_at < now() ORDER BY d.due_at, d.key LIMIT $4),
        pending AS MATERIALIZED (
            SELECT m.event_id FROM message m WHERE m.event_id IS NOT NULL
            UNION SELECT e.part_of FROM message m JOIN event e ON e.event_id = m.event_id WHERE e.part_of IS NOT NULL),
        candidate AS MATERIALIZED (
            SELECT c.key, coalesce({isNeeded}, false) AS is_needed
            FROM (SELECT s.key FROM scanned s WHERE s.is_ours UNION SELECT d.key FROM due d) c),
        purged AS ({purge} RETURNING 1),
        settled AS (
            DELETE FROM retention_deferred d USING candidate c
            WHERE d.workspace = $1 AND d.class = '{name}' AND d.part = $2 AND d.key = c.key::text AND NOT c.is_needed),
        deferred AS (
            INSERT INTO retention_deferred (workspace, class, part, key, due_at)
            SELECT $1, '{name}', $2, c.key::text, now() + interval '1 day' FROM candidate c WHERE c.is_needed
            ON CONFLICT (workspace, class, part, key) DO UPDATE SET due_at = excluded.due_at),
        reached AS MATERIALIZED (
            SELECT coalesce((SELECT s.key FROM scanned s ORDER BY s.key DESC LIMIT 1), (SELECT p.key FROM place p)) AS key)
        INSERT INTO retention AS t (workspace, class, part, cursor, oldest_at, purged)
        SELECT $1, '{name}', $2, (SELECT key::text FROM reached), ({oldest}), (SELECT count(*) FROM purged)
        ON CONFLICT (workspace, class, part) DO UPDATE
        SET cursor = excluded.cursor, oldest_at = excluded.oldest_at, purged = t.purged + excluded.purged
        RETURNING (SELECT count(*) FROM purged), (SELECT count(*) FROM scanned) + (SELECT count(*) FROM due), t.oldest_at
        """;
}
