namespace CrmGrains.Intake.Inbox;

internal static class InboxSql
{
    /// <summary>
    /// Stores what is new and puts it into its source's intake queue, in the order of arrival. The rows come sorted by partition and
    /// delivery id, so that two gateways never wait for each other in a circle; unnest keeps that order, and sorting rows with their bodies
    /// once more cost as much as storing them. Answers with what was new, and with the first delivery of what wasn't, unless that one was
    /// committed in this instant. $1 ids, $2 partitions, $3 workspaces, $4 delivery ids, $5 content types, $6 headers, $7 verifications,
    /// $8 bodies, $9 their hashes, $10 places in the order of arrival.
    /// </summary>
    public const string Store = """
        WITH stored AS (
            INSERT INTO raw_event (event_id, partition, delivery_id, content_type, headers, verification, body, body_hash)
            SELECT event_id, partition, delivery_id, content_type, headers, verification, body, body_hash
            FROM unnest($1, $2, $4, $5, $6, $7, $8, $9)
                AS d (event_id, partition, delivery_id, content_type, headers, verification, body, body_hash)
            ON CONFLICT (partition, delivery_id) DO NOTHING
            RETURNING event_id),
        queued AS (
            INSERT INTO message (partition, workspace, grain, kind, event_id, body)
            SELECT d.partition, d.workspace, '', 'delivery_received', d.event_id, '{}'
            FROM unnest($1, $2, $3, $10) AS d (event_id, partition, workspace, place)
            WHERE (d.event_id IN (SELECT s.event_id FROM stored s)) IS TRUE
            ORDER BY d.place)
        SELECT true, 0, '', s.event_id, NULL::bytea FROM stored s
        UNION ALL
        SELECT false, r.partition, r.delivery_id, r.event_id, r.body_hash
        FROM unnest($1, $2, $4) AS d (event_id, partition, delivery_id)
        JOIN raw_event r ON r.partition = d.partition AND r.delivery_id = d.delivery_id
        WHERE d.event_id NOT IN (SELECT s.event_id FROM stored s)
        """;

    /// <summary>The first deliveries of these ids, for those that another gateway committed while ours was stored. $1 partitions, $2 delivery ids.</summary>
    public const string FindFirst = """
        SELECT r.partition, r.delivery_id, r.event_id, r.body_hash
        FROM unnest($1, $2) AS d (partition, delivery_id)
        JOIN raw_event r ON r.partition = d.partition AND r.delivery_id = d.delivery_id
        """;

    /// <summary>Has the ledger flag deliveries whose id came before with another body. $1 partitions, $2 workspaces, $3 events, $4 bodies.</summary>
    public const string FlagConflicts = """
        INSERT INTO message (partition, workspace, grain, kind, event_id, body)
        SELECT c.partition, c.workspace, '', 'delivery_conflicted', c.event_id, c.body
        FROM unnest($1, $2, $3, $4) AS c (partition, workspace, event_id, body)
        """;

    /// <summary>The intake queue of a source; made where there is none yet. $1 workspace, $2 source.</summary>
    public const string Queue = """
        WITH made AS (
            INSERT INTO partition (id, kind, workspace, source)
            SELECT nextval('intake_partition'), 'intake_queue', $1, $2
            WHERE NOT EXISTS (SELECT FROM partition WHERE workspace = $1 AND source = $2)
            ON CONFLICT (workspace, source) DO NOTHING
            RETURNING id)
        SELECT id FROM made UNION ALL SELECT id FROM partition WHERE workspace = $1 AND source = $2
        """;
}
